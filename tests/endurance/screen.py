"""What one sees while a storm rages, and the report when it is over."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tests.endurance.course import Course
from tests.endurance.kinds import KINDS, KINDS_OF_A_CLUSTER, LAST, MEANING_OF_LAST
from tests.endurance.workforce import Place

LINES = 8  # of what happened last
SHOWN = 10  # differences


class Screen:
    """A live display on a terminal; elsewhere one line per fault."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def watching(self, course: Course) -> Iterator[None]:
        """Show how it goes until the context is left."""
        if not self._console.is_terminal:
            yield
            return
        live = Live(get_renderable=lambda: _now(course), console=self._console, transient=True)
        with live:
            yield

    def tell(self, line: str) -> None:
        """One line, where there is no live display to show it."""
        if not self._console.is_terminal:
            self._console.print(line, markup=False, soft_wrap=True)

    def report(self, course: Course) -> None:
        """The note: seed, faults by kind, events, verdict."""
        self._console.print(_faults(course))
        for line in summary(course):
            self._console.print(line, markup=False, soft_wrap=True)


def summary(course: Course) -> list[str]:
    """The report's sentences."""
    verdict, plan = course.verdict, course.plan
    if verdict is None:
        return ["There is no verdict."]
    left, written = course.rows
    endings = ", ".join(f"{name} ({count})" for name, count in sorted(course.endings.items()))
    lines = [
        f"Seed {plan.seed}, {plan.minutes:g} minutes, {plan.brokers} broker(s), "
        f"{course.faults.total()} faults ({course.idle.total()} found nobody to strike at).",
        f"{verdict.events:,} events of {verdict.customers:,} customers, {verdict.bad:,} of them bad; "
        f"{verdict.figures:,} figures; {left:,} changelog records left of {written:,} offsets.",
        f"Workers ended with: {endings or 'none'}.",
    ]
    if course.exact:
        return [*lines, "EXACT: figures, records, dead letters and offsets are those of a recomputation."]
    more = len(verdict.wrong) - SHOWN
    return [
        *lines,
        f"WRONG, {len(verdict.wrong)} times:",
        *(f"  {sentence}" for sentence in verdict.wrong[:SHOWN]),
        *([f"  and {more} more"] if more > 0 else []),
        f"The same storm again: ./dev storm --seed {plan.seed} --minutes {plan.minutes:g}"
        + (f" --brokers {plan.brokers}" if plan.brokers > 1 else "")
        + (f" --history-days {plan.history_days}" if plan.history_days else ""),
    ]


def _now(course: Course) -> RenderableType:
    plan = course.plan
    head = Text.assemble(
        ("storm", "bold"), f" seed {plan.seed}, {course.phase}", (f", {course.elapsed:.0f} s", "dim")
    )
    bars = Table.grid(padding=(0, 1))
    sent = course.ground.sender.sent if course.ground else 0
    for name, done, whole in (
        ("time", min(course.elapsed, plan.seconds), plan.seconds),
        ("sent", sent, course.total),
        ("applied", course.applied, course.total),
    ):
        bars.add_row(name, ProgressBar(whole or 1, done, width=40), f"{done:,.0f} of {whole:,.0f}")
    workers = Text("  ".join(_place(p) for p in course.ground.workforce.places) if course.ground else "")
    going_on = [
        Text(f"now: {fault.kind} for {time.monotonic() - since:.0f} s", "yellow")
        for fault, since in course.going_on.items()
    ]
    return Group(head, bars, workers, *going_on, *(Text(line, "dim") for line in course.told[-LINES:]))


def _place(place: Place) -> str:
    state = "-"
    if place.worker is not None:
        state = "running" if place.worker.alive else "ended"
    return f"worker {place.number}: {state}{' (struck)' if place.busy or place.struck else ''}"


def _faults(course: Course) -> Table:
    table = Table("fault", "struck", "what it is", title=f"Storm {course.plan.seed}", title_justify="left")
    kinds = KINDS if course.plan.brokers == 1 else KINDS_OF_A_CLUSTER
    for kind, meaning in {**kinds, LAST: MEANING_OF_LAST}.items():
        table.add_row(kind, str(course.faults[kind]), meaning)
    return table
