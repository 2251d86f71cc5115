"""Which days of a partition's daily history hold, and which have to be made (again).

A day's figures change by whatever is applied afterwards and happened on it or before. So two instants say it
all: days that ended between them hold.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from service.domain.records.customer import EVER, NEVER

Row = tuple[bytes, bytes | None]
"""Key and value for the topic; no value deletes."""


class Holding(NamedTuple):
    """Days that ended at `since` or later, and before `until`, hold."""

    since: int = NEVER
    until: int = EVER

    def __contains__(self, as_of: object) -> bool:
        return isinstance(as_of, int) and self.since <= as_of < self.until


@dataclass
class DayMarks:
    """Of one partition. Days are made of facts, which follow the records draw by draw."""

    made_by: str = ""  # settings and version that days are made with: those of others do not hold
    kept_from: int = NEVER  # what ended before it was not kept, or is not looked after any more
    stale_from: int = EVER  # no day that ended before this instant has changed, as far as the draws went
    undrawn_from: int = NEVER  # the earliest instant of what was applied since the last draw began
    draws: int = 0
    whole: bool = False  # the last draw took all that had been applied before it
    written: Holding = field(default_factory=Holding)  # at the last checkpoint
    rows: list[Row] = field(default_factory=list)  # made since the last checkpoint

    @property
    def holding(self) -> Holding:
        """Which days hold, given that `rows` are written."""
        return Holding(self.kept_from, min(self.stale_from, self.undrawn_from))

    def applied(self, at: int) -> None:
        """Something was applied that happened at this instant, or later."""
        self.undrawn_from = min(self.undrawn_from, at)

    def draw_begins(self) -> None:
        """What has been applied so far is about to be drawn."""
        self.stale_from, self.undrawn_from = self.holding.until, NEVER
        self.draws, self.whole = self.draws + 1, False

    def made(self, rows: list[Row], begin: int, as_of: int, draws: int) -> None:
        """The first stale day that is looked after, from `begin` to `as_of`, was made of facts as they were
        after so many draws; if others have begun since, it may lack something, and is made again."""
        if draws != self.draws:
            return
        if self.stale_from < begin or self.stale_from <= self.kept_from:
            self.kept_from = begin  # there is a gap before it, or nothing at all
        self.rows += rows
        self.stale_from = as_of + 1

    def saved(self) -> list[Row]:
        """The rows for a checkpoint, which writes down with them what holds."""
        rows, self.rows, self.written = self.rows, [], self.holding
        return rows

    def restore(self, made_by: str, written: tuple[int, int]) -> None:
        """Take over what a checkpoint wrote down."""
        self.written = Holding(*written) if made_by == self.made_by else Holding()
        self.kept_from, self.stale_from = self.written
        self.undrawn_from, self.rows, self.whole = NEVER, [], False
        self.draws += 1
