"""Runs cases: history of the business, figures at every step, rules by promtool; the result: what fired."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from random import Random

from backtest import promtool
from backtest.cases import Case
from backtest.history import History
from backtest.rules import Rules
from schemas.instants import DAY, HOUR
from service.simulation.scenarios import Concern, load

_FIRST_DAY = 10
"""The first day on which something may befall a business; before it lies what rules look back on."""

_OF_THE_PIPELINE = "subpulse-pipeline"
"""Its alerts are about what a backtest does not have: scrapes, lag, dead letters."""


_results: "SimpleQueue[Result | BaseException]"


@dataclass(frozen=True)
class Result:
    """What fired in a case: alert -> hours (from, to) since what is looked for began, or since the start."""

    key: str
    fired: dict[str, list[tuple[float, float]]]


def run(cases: Iterable[Case], rules: Path, jobs: int) -> Iterator[Result]:
    """Run cases in processes of their own and yield the results as they come."""
    work: dict[tuple[int, float], list[Case]] = defaultdict(list)
    for case in cases:
        work[case.seed, case.churn].append(case)
    context = get_context("spawn")
    results = context.SimpleQueue()
    with context.Pool(jobs, _report_to, (results,)) as pool:
        pool.map_async(_batch, [(batch, rules) for batch in work.values()], chunksize=1)
        for _ in range(sum(map(len, work.values()))):
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            yield result


def _report_to(results: "SimpleQueue[Result | BaseException]") -> None:
    global _results  # a process of the pool has one
    _results = results


def _batch(work: tuple[list[Case], Path]) -> None:
    """Run cases that share a past, and report each; what goes wrong is a report too."""
    cases, rules = work
    try:
        past = History(cases[0].seed, Concern(monthly_churn=cases[0].churn))
        for case in cases:
            run_one = _befallen if case.trial else _quiet
            _results.put(run_one(case, past.copy(), rules))
    except Exception as error:
        _results.put(error)


@cache
def _rules(folder: Path) -> Rules:
    return Rules.read(folder)


def paging(rules: Rules) -> list[str]:
    """The alerts on the business that page somebody."""
    business = [group for group in rules.groups if not group["name"].startswith(_OF_THE_PIPELINE)]
    return [
        rule["alert"]
        for group in business
        for rule in group["rules"]
        if rule.get("labels", {}).get("severity") == "critical"
    ]


def watching(case: Case, rules: Rules) -> set[str]:
    """The alerts that are looked at in a case; while data are missing, no page may come of it either."""
    if case.trial is None:
        return set(paging(rules))
    return {case.trial.alert, *(paging(rules) if case.trial.late else ())}


def _quiet(case: Case, history: History, folder: Path) -> Result:
    rules = _rules(folder).behind(watching(case, _rules(folder)))
    start = history.day_zero + DAY
    instants = range(start, start + int(case.days * DAY), HOUR)
    return Result(case.key, _fired(history, instants, rules, 0, late=False))


def _befallen(case: Case, history: History, folder: Path) -> Result:
    trial = case.trial
    assert trial is not None
    rules = _rules(folder).behind(watching(case, _rules(folder)))
    # At any hour of any day: busy and quiet ones alike.
    day = _FIRST_DAY + Random(f"{case.seed} {case.key}").uniform(0, 7)
    history.business.befall(load(trial.scenario, case.strength).beginning(day).changes, history.day_zero)
    begins = history.day_zero + int((day + trial.delay) * DAY)
    step = int(trial.step * HOUR)
    before = -(-(rules.reach * 1_000_000 + 6 * HOUR) // step) * step
    instants = range(max(begins - before, history.day_zero), begins + int(case.days * DAY) + 1, step)
    fired = _fired(history, instants, rules, begins, late=trial.late)
    return Result(case.key, fired)


def _fired(
    history: History, instants: range, rules: Rules, begins: int, *, late: bool
) -> dict[str, list[tuple[float, float]]]:
    series = history.figures(instants, rules, as_they_arrive=late)
    stretches = promtool.fires(rules, series, len(instants), instants.step // 1_000_000)
    zero = begins or instants.start

    def hours(place: int) -> float:
        return round((instants[place] - zero) / HOUR, 3)

    return {
        alert: [(hours(first), hours(last)) for first, last in found] for alert, found in stretches.items()
    }
