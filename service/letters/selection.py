"""Which of the waiting letters are meant: by key, reason, topic and time. Pure."""

import re
from dataclasses import dataclass

from schemas.instants import DAY, HOUR, MINUTE, SECOND, format_instant, parse_instant
from service.errors import UserError
from service.stream.dead_letters import Story, place

_AGO = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_KEY = re.compile(r"[^/\s]+/(\d+)/\d+")


@dataclass(frozen=True)
class Selection:
    """Every condition that is set must hold; without any, all letters are meant."""

    keys: frozenset[str] = frozenset()  # TOPIC/PARTITION/OFFSET
    reasons: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    since: str | None = None  # RFC 3339 in UTC, as letters say `rejected_at`
    until: str | None = None

    @property
    def everything(self) -> bool:
        """Whether no condition is set."""
        return self == Selection()

    def takes(self, story: Story) -> bool:
        """Whether this letter is meant."""
        return (
            (not self.keys or place(story.topic, story.partition, story.offset).decode() in self.keys)
            and (not self.reasons or story.reason in self.reasons)
            and (not self.topics or story.topic in self.topics)
            and (self.since is None or parse_instant(story.rejected_at) >= parse_instant(self.since))
            and (self.until is None or parse_instant(story.rejected_at) < parse_instant(self.until))
        )

    def partitions(self, count: int) -> list[int]:
        """Where its letters can be: a letter lies on the partition of its record."""
        named = {int(found[1]) for key in self.keys if (found := _KEY.fullmatch(key))}
        return [number for number in range(count) if not named or number in named]


def instant(text: str, now: int) -> str:
    """A time as a person gives it: RFC 3339, or so long ago (`90s`, `30m`, `12h`, `7d`) before `now`.

    Raises:
        UserError: it is neither.
    """
    if found := _AGO.fullmatch(text):
        return format_instant(now - int(found[1]) * _UNITS[found[2]])
    try:
        return format_instant(parse_instant(text))
    except ValueError:
        raise UserError(f"{text!r} is no time: write 2026-01-31T12:00:00Z, or 30m, 12h, 7d ago") from None


def check_key(text: str) -> str:
    """A letter's key as `list` shows it.

    Raises:
        UserError: it cannot be one.
    """
    if not _KEY.fullmatch(text):
        raise UserError(
            f"{text!r} is no letter: write TOPIC/PARTITION/OFFSET, as `subpulse dead-letters list` shows"
        )
    return text
