"""Instants for random businesses: clustered on day boundaries, clock changes and window edges."""

import random
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from tests.oracle.instants import HOUR, local_day, period, start_of_day
from tests.oracle.recompute import WINDOWS

DAY = 24 * HOUR
NUDGES = (0, 0, 0, -1, 1, -1, 1, -1_000_000, 1_000_000)
OFFSETS = ("Z", "Z", "z", "+00:00", "-00:00", "+05:45", "-03:30", "+14:00", "-23:59")


class Clock:
    """Draws instants up to a few days after as_of, and writes them in the many ways RFC 3339 allows."""

    def __init__(self, rng: random.Random, as_of: int, zone: ZoneInfo, history: timedelta) -> None:
        self.rng, self.as_of = rng, as_of
        self.length = int(history.total_seconds()) * 1_000_000
        edges = {edge for window in WINDOWS for edge in period(window, as_of, zone)}
        today = local_day(as_of, zone)
        others = {edge - 336 * HOUR for edge in edges}
        others |= {start_of_day(today - timedelta(days=n), zone) for n in range(-2, 10)}
        others |= set(_clock_changes(as_of, zone))
        self.edges = sorted(edge for edge in edges if edge >= as_of - self.length)
        self.others = sorted(edge for edge in others if edge >= as_of - self.length)

    def moment(self) -> int:
        """An instant: on an edge or a microsecond beside it, recent, or any time in the history."""
        rng = self.rng
        odds = rng.random()
        if odds < 0.3:
            return rng.choice(self.edges) + rng.choice(NUDGES)
        if odds < 0.35:
            return self.as_of + rng.choice(NUDGES)
        if odds < 0.42:
            return rng.choice(self.others) + rng.choice(NUDGES)
        if odds < 0.45:
            return self.as_of + rng.choice((1, HOUR, rng.randrange(5 * DAY)))
        recent = rng.choice((DAY, 10 * DAY, 100 * DAY, 400 * DAY, self.length, self.length))
        return self.as_of - rng.randrange(min(recent, self.length))

    def step(self) -> int:
        """A length of time of no particular size."""
        return self.rng.randrange(100 * DAY)

    def text(self, at: int) -> str:
        """An RFC 3339 timestamp of an instant, with an offset, a fraction and letters of any allowed kind."""
        rng = self.rng
        offset = rng.choice(OFFSETS)
        zone: timezone = UTC
        if offset not in ("Z", "z"):
            hours, minutes = int(offset[1:3]), int(offset[4:6])
            shift = timedelta(hours=hours, minutes=minutes)
            zone = timezone(-shift if offset[0] == "-" else shift)
        whole, micros = divmod(at, 1_000_000)
        written = datetime.fromtimestamp(whole, zone).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
        fraction = f".{micros:06d}" if micros else rng.choice(("", "", ".0", ".000"))
        if micros and rng.random() < 0.3:
            fraction += rng.choice(("0", "9", "999"))  # beyond microseconds: cut, never rounded
        return rng.choice((written, written, written.lower())) + fraction + offset


def _clock_changes(as_of: int, zone: ZoneInfo) -> list[int]:
    """The instants of the last 800 days at which the zone's offset changes, to the second."""
    found = []
    for hour in range(as_of // HOUR - 24 * 800, as_of // HOUR):
        low, high = hour * 3_600, hour * 3_600 + 3_600
        if _offset(low, zone) != _offset(high, zone):
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if _offset(middle, zone) != _offset(low, zone) else (middle, high)
            found.append(high * 1_000_000)
    return found


def _offset(second: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(second, zone).utcoffset()
