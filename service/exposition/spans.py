"""What a question about the past asks for: which figures, and at which instants.  Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from schemas.instants import HOUR, format_instant, parse_instant
from service.domain.metrics import Definitions, Figure
from service.domain.metrics.history import days_between, earliest, last_of
from service.domain.metrics.metric import PREFIX
from service.domain.metrics.windows import start_of_day

STEPS = 1_000
"""Instants that one question may ask for."""
EARLIEST = "earliest"
_STEP = re.compile(r"([1-9][0-9]{0,3})([hd])", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Wanted(NamedTuple):
    """Which figures: names without prefix (none: all), and labels."""

    names: frozenset[str]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, query: Any, others: Sequence[str] = ()) -> "Wanted":
        """By query parameters: `name`, with or without prefix and perhaps several times, and any label.
        `others` are no labels."""
        names = frozenset(name.removeprefix(PREFIX) for name in query.getall("name", ()))
        return cls(names, {key: value for key, value in query.items() if key not in ("name", *others)})

    def holds(self, figure: Figure) -> bool:
        """Whether this figure is one of them."""
        named = not self.names or figure.name.removeprefix(PREFIX) in self.names
        return named and self.labels.items() <= dict(figure.labels).items()


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
            raise ValueError(f"from: expected a date, an instant, or {EARLIEST}")
        found = _STEP.fullmatch(step := query.get("step", "1d"))
        if not found:
            raise ValueError(f"step: {step!r} is not like 1d or 6h")
        first = in_reach(query["from"], "from", now, definitions)
        last = now if "to" not in query else in_reach(query["to"], "to", now, definitions, ends=True)
        number = int(found[1])
        return cls(first, last, *((number, 0) if found[2] == "h" else (0, number)))

    def instants(self, definitions: Definitions) -> list[int]:
        """The instants: with steps of days the ends of those that are over, else from the first on.

        Raises:
            ValueError: they are too many.
        """
        most = (self.last - self.first) // (HOUR * (self.hours or 24 * self.days))
        if most > STEPS + 1:
            raise ValueError(
                f"step: that would be more than {STEPS:,} instants; ask for longer steps, or less"
            )
        if self.hours:
            return list(range(self.first, self.last + 1, self.hours * HOUR))[:STEPS]
        days = days_between(self.first, self.last, definitions, self.days)
        return [last_of(day, definitions.time_zone) for day in days][:STEPS]


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
        at = _instant(text, definitions.time_zone, ends)
    except ValueError as error:
        raise ValueError(f"{name}: {error}; or a date") from None
    if ends and _DATE.fullmatch(text):
        at = min(at, now)
    if at > now:
        raise ValueError(f"{name}: the figures hold for {format_instant(now)} now: the future is not known")
    if at < start:
        raise ValueError(
            f"{name}: the past can be told from {format_instant(start)} on; before it the longest window "
            "would look back beyond the horizon (settings horizon_days and windows)"
        )
    return at


def _instant(text: str, time_zone: str, ends: bool) -> int:
    if not _DATE.fullmatch(text):
        return parse_instant(text)
    day = date.fromisoformat(text)
    return last_of(day, time_zone) if ends else start_of_day(day, ZoneInfo(time_zone))
