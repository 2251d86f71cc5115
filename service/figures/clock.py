"""Which instant "now" is for the figures: the wall clock, or the greatest event seen so far."""

from service.figures.summaries import Summaries
from service.now import now_micros
from service.stream.store import Store

LONG_AGO = -(1 << 62)


class Clock:
    """Chooses as_of and, from it, the horizon."""

    def __init__(self, kind: str, horizon: int, store: Store) -> None:
        self._events = kind == "event"
        self._horizon = horizon
        self._store = store
        self.summaries: Summaries | None = None  # of all partitions; there once the broker has been reached

    def horizon(self) -> int:
        """Orders before this instant are no longer matched (microseconds since 1970)."""
        now = self.now()
        return LONG_AGO if now is None else now - self._horizon

    def now(self) -> int | None:
        """The present instant of this clock; None while no event is known that could tell it."""
        return self.newest() if self._events else now_micros()

    def newest(self) -> int | None:
        """The greatest occurred_at of any partition, never beyond the wall clock; None if none is known."""
        marks = [owned.records.watermark for owned in self._store.parts.values()]
        if self.summaries is not None:
            marks += [self.summaries.board.watermark(), self.summaries.target]
        known = [mark for mark in marks if mark is not None]
        return min(max(known), now_micros()) if known else None

    def choose(self, floored: int) -> tuple[int | None, bool]:
        """The instant of a refresh, and whether it is ours to tell the others.

        Wall clock: `floored`, the same for all. Event clock: the owner of partition 0 chooses for all.
        """
        if not self._events:
            return floored, False
        if 0 in self._store.parts:
            newest = self.newest()
            return newest, newest is not None
        return (self.summaries.target if self.summaries is not None else None), False
