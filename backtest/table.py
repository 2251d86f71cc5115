"""The results as tables in Markdown, beside the bars that they have to meet."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from backtest.cases import DETECTED_IN, FALSE_PAGES_A_YEAR, Case, Trial

BARRED_CHURN = 0.03
"""Monthly churn at which false pages are limited."""

K = TypeVar("K")
Fired = dict[str, list[tuple[float, float]]]
Results = Mapping[str, Fired]
"""Key of a case -> what fired in it."""


@dataclass(frozen=True)
class Verdict:
    """A line of a table; `kept` is None where there is no bar."""

    cells: tuple[str, ...]
    kept: bool | None


def quiet(results: Results, cases: Iterable[Case]) -> list[Verdict]:
    """False pages by monthly churn."""
    by_churn = _grouped((case.churn, case) for case in cases if case.trial is None and case.key in results)
    return [_quiet(churn, found, results) for churn, found in by_churn.items()]


def _quiet(churn: float, cases: list[Case], results: Results) -> Verdict:
    pages = Counter(alert for case in cases for alert, found in results[case.key].items() for _ in found)
    rate = pages.total() / (sum(case.days for case in cases) / 365.25)
    by_alert = ", ".join(f"{count} {alert}" for alert, count in sorted(pages.items())) or "none"
    kept = rate <= FALSE_PAGES_A_YEAR if churn == BARRED_CHURN else None
    seeds = f"{len(cases)} x {cases[0].days:g} days"
    return Verdict((*quiet_name(churn), seeds, by_alert, f"{rate:.2f}", _bar("at most 1", kept)), kept)


def trials(results: Results, cases: Iterable[Case]) -> list[Verdict]:
    """How soon each scenario is found."""
    by_trial = _grouped(
        ((case.trial, case.strength), case) for case in cases if case.trial and case.key in results
    )
    return [_trial(trial, strength, found, results) for (trial, strength), found in by_trial.items()]


def _trial(trial: Trial, strength: float, cases: list[Case], results: Results) -> Verdict:
    found = [_delay(results[case.key].get(trial.alert, [])) for case in cases]
    delays = sorted(delay for delay in found if delay is not None)
    within = 24 * cases[0].days
    share = sum(delay <= within for delay in delays) / len(found)
    kept = share >= DETECTED_IN if strength in dict(trial.bars) else None
    most = -(-len(found) * 95 // 100)  # as many are 95 %
    cells = (
        *trial_name(trial, strength),
        f"{share:.0%} in {_span(within)}",
        _span(median(delays)) if delays else "–",
        _span(delays[most - 1]) if len(delays) >= most else "–",
        _bar(f"95 % in {_span(within)}", kept),
    )
    return Verdict(cells, kept)


def quiet_name(churn: float) -> tuple[str, ...]:
    """The cells that name a line about quiet months."""
    return (f"{churn:.0%}",)


def trial_name(trial: Trial, strength: float) -> tuple[str, ...]:
    """The cells that name a line about a trial."""
    return trial.scenario, f"{strength:g}", f"{trial.churn:.0%}", trial.alert.removeprefix("Subpulse")


def completed(verdicts: list[Verdict], page: str, names: list[tuple[str, ...]]) -> list[Verdict]:
    """The verdicts, and of the tables on a page the lines they do not replace; in the order of `names`."""
    rows = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in page.splitlines()]
    of_the_page = [Verdict(tuple(cells), None) for cells in rows]
    found = {verdict.cells[: len(names[0])]: verdict for verdict in (*of_the_page, *verdicts)}
    return [found[name] for name in names if name in found]


def _grouped(pairs: Iterable[tuple[K, Case]]) -> dict[K, list[Case]]:
    groups: dict[K, list[Case]] = {}
    for key, case in pairs:
        groups.setdefault(key, []).append(case)
    return groups


def _delay(stretches: list[tuple[float, float]]) -> float | None:
    """Hours until the alert fires; one that was firing before says nothing."""
    return next((first for first, _ in stretches if first >= 0), None)


def _span(hours: float) -> str:
    return f"{hours:.0f} h" if hours <= 48 else f"{hours / 24:.1f} d"


def _bar(text: str, kept: bool | None) -> str:
    return "" if kept is None else f"{text}: {'kept' if kept else '**missed**'}"


def markdown(calm: list[Verdict], loud: list[Verdict]) -> str:
    """Both tables."""
    lines = []
    if calm:
        lines += [*_table(("monthly churn", "quiet", "false pages", "a year", "bar"), calm), ""]
    if loud:
        heads = (
            "scenario",
            "strength",
            "monthly churn",
            "alert",
            "found",
            "median delay",
            "95 % within",
            "bar",
        )
        lines += [*_table(heads, loud), ""]
    return "\n".join(lines)


def _table(heads: tuple[str, ...], verdicts: list[Verdict]) -> list[str]:
    lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
    lines += [" | ".join(verdict.cells) for verdict in verdicts]
    return [f"| {line} |" for line in lines]
