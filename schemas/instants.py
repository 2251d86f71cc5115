"""Instants: RFC 3339 texts on the wire, whole microseconds since the Unix epoch inside.

One strict parser for the compiled decoder and the models alike, because libraries differ in exactly the cases
that matter: some round digits beyond microseconds, take a blank for `T`, or an offset without its colon.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

MINUTE_LENGTH = len("2026-11-22T09:00")
WHOLE_UTC_LENGTH = len("2026-11-22T09:00:00Z")
MINUTE = 60_000_000
EPOCH_DAY = datetime(1970, 1, 1).toordinal()
EARLIEST = (datetime(1, 1, 1).toordinal() - EPOCH_DAY) * 86_400_000_000
LATEST = (datetime(9999, 12, 31).toordinal() + 1 - EPOCH_DAY) * 86_400_000_000 - 1

#: The shape of an instant on the wire. ASCII digits only; ranges of the numbers are checked afterwards.
PATTERN = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)

_MINUTE_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2})")
_REST_TEXT = re.compile(r":([0-5][0-9])(?:\.([0-9]+))?(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))")
_WHOLE_SECONDS = {f":{second:02}Z": second * 1_000_000 for second in range(60)}
EXPECTED = (
    "expected an RFC 3339 instant such as 2026-11-22T09:00:00Z, in the years 1 to 9999, without leap seconds"
)


def parse_instant(text: str) -> int:
    """Microseconds since the Unix epoch of an RFC 3339 text; a longer fraction is cut, never rounded.

    Raises ValueError for anything else: no offset, a blank for `T`, a leap second, an offset of 24 h or more,
    a year outside 1..9999, whether as written or after the offset has been taken off.
    """
    whole = _WHOLE_SECONDS.get(text[MINUTE_LENGTH:])
    if whole is not None:
        return _minute(text[:MINUTE_LENGTH]) + whole
    rest = _REST_TEXT.fullmatch(text, MINUTE_LENGTH)
    if rest is None:
        raise ValueError(EXPECTED)
    second, fraction, sign, hours, minutes = rest.groups()
    instant = _minute(text[:MINUTE_LENGTH]) + int(second) * 1_000_000
    if fraction is not None:
        instant += int(fraction[:6].ljust(6, "0"))
    if sign is not None:
        offset = (int(hours) * 60 + int(minutes)) * MINUTE
        instant += offset if sign == "-" else -offset
        if not EARLIEST <= instant <= LATEST:
            raise ValueError(EXPECTED)
    return instant


def format_instant(instant: int) -> str:
    """The RFC 3339 text in UTC of microseconds since the epoch; as many digits of a second as it needs."""
    seconds, micros = divmod(instant, 1_000_000)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=micros)
    return moment.isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=65_536)
def _minute(text: str) -> int:
    """Microseconds since the epoch of `2026-11-22T09:00`; events cluster, so most minutes are known already."""
    parts = _MINUTE_TEXT.fullmatch(text)
    if parts is None:
        raise ValueError(EXPECTED)
    try:
        moment = datetime(*map(int, parts.groups()))
    except ValueError:
        raise ValueError(EXPECTED) from None
    return ((moment.toordinal() - EPOCH_DAY) * 1440 + moment.hour * 60 + moment.minute) * MINUTE
