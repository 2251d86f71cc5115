"""At which instants a question about the past asks for figures. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.instants import HOUR, format_instant, parse_instant
from service.domain.metrics import Definitions
from service.domain.metrics.history import days_between, earliest, last_of
from service.domain.metrics.windows import start_of_day

STEPS = 1_000
"""Instants that one question may ask for."""
EARLIEST = "earliest"
_STEP = re.compile(r"([0-9]+)([hd])", re.ASCII)
_LONGEST = 9_999
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Span(NamedTuple):
    """From one instant to another (microseconds), in steps of so many hours or local days."""

    first: int
    last: int
    hours: int
    days: int

    @classmethod
    def of(cls, query: Mapping[str, str], now: int, definitions: Definitions) -> "Span":
        """By the parameters `from`, `to` (without: now) and `step` (without: 1d).

        Raises:
            ValueError: one is missing or wrong; the text is a sentence for whoever asked.
        """
        if "from" not in query:
            raise ValueError(f"from: is missing; say a date, an instant, or {EARLIEST}")
        first = in_reach(query["from"], "from", now, definitions)
        last = now if "to" not in query else in_reach(query["to"], "to", now, definitions, ends=True)
        if last < first:
            raise ValueError("to: is before from")
        return cls(first, last, *step_of(query.get("step", "1d")))

    def instants(self, definitions: Definitions, most: int | None = STEPS) -> Sequence[int]:
        """The instants: with steps of days the ends of those that are over, else from the first on.

        Raises:
            ValueError: they are more than `most`.
        """
        if self.hours:
            found: Sequence[int] = range(self.first, self.last + 1, self.hours * HOUR)
        else:
            days = days_between(self.first, self.last, definitions, self.days)
            found = [last_of(day, definitions.time_zone) for day in days]
        if most is not None and len(found) > most:
            raise ValueError(f"step: these are {len(found):,} instants, more than {most:,}: ask for fewer")
        return found


def step_of(text: str) -> tuple[int, int]:
    """So many hours, or so many days; the other is 0. Raises ValueError with a sentence."""
    if not (found := _STEP.fullmatch(text)):
        raise ValueError(f"step: {text!r} is not like 1d or 6h")
    number = int(found[1])
    if not 1 <= number <= _LONGEST:
        raise ValueError(f"step: {text!r} is not between 1{found[2]} and {_LONGEST}{found[2]}")
    return (number, 0) if found[2] == "h" else (0, number)


def in_reach(text: str, name: str, now: int, definitions: Definitions, *, ends: bool = False) -> int:
    """The instant that a parameter means: RFC 3339, or a local date, which stands for its beginning or
    (`ends`) its end, or for now where it is not over.

    Raises:
        ValueError: it is none, or cannot be told; the text is a sentence for whoever asked.
    """
    start = earliest(now, definitions)
    if text == EARLIEST:
        return start
    try:
        at = instant_of(text, definitions.time_zone)
        if ends and at <= now and _DATE.fullmatch(text):
            at = min(instant_of(text, definitions.time_zone, ends=True), now)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if at > now:
        raise ValueError(f"{name}: the figures hold for {format_instant(now)} now: the future is not known")
    if at < start:
        raise ValueError(
            f"{name}: the past can be told from {format_instant(start)} on; before it the longest window "
            "would look back beyond the horizon (settings horizon_days and windows)"
        )
    return at


def instant_of(text: str, time_zone: str, *, ends: bool = False) -> int:
    """An RFC 3339 instant, or the beginning (`ends`: the last microsecond) of a local date. Raises
    ValueError."""
    if not _DATE.fullmatch(text):
        try:
            return parse_instant(text)
        except ValueError as error:
            raise ValueError(f"{error}; or a date") from None
    try:
        day = date.fromisoformat(text)
        return last_of(day, time_zone) if ends else start_of_day(day, ZoneInfo(time_zone))
    except (ValueError, OverflowError):
        raise ValueError(f"there is no day {text}") from None
