"""Which days of a partition's daily history hold, and which have to be made (again).

A day's figures change by whatever is applied afterwards and happened on it or before. So one instant says it
all: days that ended before it hold.
"""

from dataclasses import dataclass, field

from service.domain.records.customer import EVER, NEVER

Row = tuple[bytes, bytes | None]
"""Key and value for the topic; no value deletes."""


@dataclass
class DayMarks:
    """Of one partition. Days are made of facts, which follow the records draw by draw."""

    made_by: str = ""  # settings and version that days are made with: those of others do not hold
    stale_from: int = EVER  # no day that ended before this instant has changed, as far as the draws went
    undrawn_from: int = NEVER  # the earliest instant of what was applied since the last draw began
    draws: int = 0
    whole: bool = False  # the last draw took all that had been applied before it
    saved_from: int = EVER  # `open_from` at the last checkpoint
    rows: list[Row] = field(default_factory=list)  # made since the last checkpoint

    @property
    def open_from(self) -> int:
        """Days that ended before this instant hold, given that `rows` are written."""
        return min(self.stale_from, self.undrawn_from)

    def applied(self, at: int) -> None:
        """Something was applied that happened at this instant, or later."""
        self.undrawn_from = min(self.undrawn_from, at)

    def draw_begins(self) -> None:
        """What has been applied so far is about to be drawn."""
        self.stale_from, self.undrawn_from = self.open_from, NEVER
        self.draws, self.whole = self.draws + 1, False

    def made(self, rows: list[Row], as_of: int, draws: int) -> None:
        """The first stale day, which ended at `as_of`, was made of facts as they were after so many draws; if
        others have begun since, it may lack something, and is made again."""
        if draws == self.draws:
            self.rows += rows
            self.stale_from = as_of + 1

    def saved(self) -> list[Row]:
        """The rows for a checkpoint, which writes `open_from` down with them."""
        rows, self.rows, self.saved_from = self.rows, [], self.open_from
        return rows

    def restore(self, made_by: str, stale_from: int) -> None:
        """Take over what a checkpoint wrote down."""
        self.stale_from = self.saved_from = stale_from if made_by == self.made_by else EVER
        self.undrawn_from, self.rows, self.whole = NEVER, [], False
        self.draws += 1
