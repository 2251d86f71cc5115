"""What of a story is told, from when to when, and how fast."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from schemas.instants import DAY, parse_instant
from service.errors import UserError
from service.simulation.founding import BEFORE
from service.simulation.lapse import Lapse
from service.simulation.scenarios import Scenario

DAYS = 90
"""Told when nobody says how many: enough for a scenario that begins on day 30."""


@dataclass(frozen=True)
class Plan:
    """Instants in microseconds. With a `pace` the story is told live from `now` on, that many times as fast
    as real time; without an `end` (business time) for ever."""

    scenario: Scenario
    seed: int
    day_zero: int
    now: int
    end: int | None
    pace: int | None

    @classmethod
    def of(
        cls, scenario: Scenario, seed: int, start: str | None, days: float | None, pace: int | None, now: int
    ) -> Self:
        """Make a plan of what was asked for; `start` is day 0, `days` count from there.

        Raises:
            UserError: workers would refuse what is asked for, because it lies in the future; or of a stall of
                the scenario nothing would be seen.
        """
        length = None if days is None and pace else int((days or DAYS) * DAY)
        latest = now if pace else now // DAY * DAY - (length or 0)
        day_zero = latest if start is None else _instant(start)
        end = None if length is None else day_zero + length
        if day_zero > now:
            raise UserError(f"--start {start} lies in the future, and workers refuse events from there")
        if pace is None and end is not None and end > now:
            raise UserError(
                f"from {_moment(day_zero):%Y-%m-%d} on, {days or DAYS:g} days end in the future, and workers "
                "refuse events from there; give an earlier --start, fewer --days, or a --speed to go on live"
            )
        plan = cls(scenario, seed, day_zero, now, end, pace)
        plan._refuse_stalls_without_a_trace()
        return plan

    @property
    def lapse(self) -> Lapse:
        """How business time is laid upon the clock on the wall."""
        return Lapse(self.now, self.pace or 1)

    @property
    def history(self) -> tuple[int, int]:
        """From when to when everything is told at once."""
        return self.day_zero - BEFORE * DAY, self.now if self.end is None else min(self.end, self.now)

    @property
    def befalls(self) -> datetime | None:
        """When the scenario takes its course, on the wall's clock; None if nothing happens."""
        if self.scenario.from_day is None:
            return None
        return _moment(self.lapse.on_the_wall(self.day_zero + int(self.scenario.from_day * DAY)))

    @property
    def ends_too_early(self) -> bool:
        """Whether the story is over before the scenario begins, so that nothing of it is told."""
        begins, end = self.scenario.from_day, self.end
        return begins is not None and end is not None and self.day_zero + int(begins * DAY) >= end

    def _refuse_stalls_without_a_trace(self) -> None:
        """What is told at once arrives at once: of a stall that is over by then nothing would be seen."""
        _, told_at_once = self.history
        for change in self.scenario.changes:
            over = self.day_zero + int((change.from_day + change.days) * DAY)
            if change.kind == "stall" and over <= told_at_once:
                raise UserError(
                    "an ingestion stall shows only live: what is told at once is the same as if nothing had "
                    "been withheld; give a --speed (1 is real time), and a stall that is not over before now"
                )


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UserError(f"--start {text}: {error}") from None


def _moment(instant: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
