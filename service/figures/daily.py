"""The job that makes the daily history: one summary for each partition and local day that is over, written
with the checkpoint that says so. Late events have the days made again that they touch."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from schemas.instants import DAY
from service.domain.facts import Facts
from service.domain.metrics import Definitions
from service.domain.metrics.history import days_between, earliest, last_of
from service.domain.metrics.windows import local_date, start_of_day
from service.figures.desk import measured
from service.stream.day_rows import FORMAT, DayRow, day_key, encode, made_by
from service.stream.owned import Owned
from service.stream.store import Store

REST = 3.0  # times as long as a day took to make, until the next one: a quarter of a core, and only at first
PAUSE = 1.0  # seconds, when there is nothing to make


class Daily:
    """Makes one day after another, in the refresh thread, where the refresh gets its turn between two."""

    def __init__(
        self,
        store: Store,
        definitions: Definitions,
        now: Callable[[], int | None],
        thread: Executor,
        days: int,
    ) -> None:
        """`now`: the present instant of the figures' clock; `days`: how many of them are kept."""
        self._store, self._definitions, self._now = store, definitions, now
        self._thread, self._days, self._made_by = thread, days, made_by(definitions)

    async def run(self) -> None:
        """Make days for ever."""
        while True:
            spent = sum([await self._make(owned) for owned in list(self._store.parts.values())])
            await asyncio.sleep(REST * spent or PAUSE)

    async def _make(self, owned: Owned) -> float:
        """The first day of this partition that is due, if any; the CPU seconds it took."""
        now, marks = self._now(), owned.days
        if now is None or not marks.whole or not owned.complete():
            return 0.0  # while history is read, every day would be made again and again
        day = first_due(marks.stale_from, now, self._definitions, self._days)
        if day is None:
            return 0.0
        draws, as_of = marks.draws, last_of(day, self._definitions.time_zone)
        work = asyncio.get_running_loop().run_in_executor(self._thread, self._measured, owned.facts, as_of)
        summary, seconds = await work
        if self._store.parts.get(owned.number) is owned:
            row = encode(DayRow(FORMAT, self._made_by, as_of, summary))
            beyond = day_key(day - timedelta(days=self._days))
            begin = start_of_day(day, ZoneInfo(self._definitions.time_zone))
            marks.made([(day_key(day), row), (beyond, None)], begin, as_of, draws)
        return seconds

    def _measured(self, facts: Facts, as_of: int) -> tuple[bytes, float]:
        began = time.thread_time()
        return measured(facts, as_of, self._definitions), time.thread_time() - began


def first_due(stale_from: int, now: int, definitions: Definitions, days: int) -> date | None:
    """The first local day that is over and does not hold: of the last so many, and of those that can be told.
    `stale_from`: days that ended before this instant hold."""
    start = max(earliest(now, definitions), now - (days + 1) * DAY)
    over = days_between(start, now, definitions)
    due = max(local_date(stale_from, ZoneInfo(definitions.time_zone)), over[0]) if over else None
    return due if due is not None and due <= over[-1] else None
