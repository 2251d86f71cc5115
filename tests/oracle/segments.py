"""RFM segments (definitions.md section 6), customer by customer."""

from bisect import bisect_left
from zoneinfo import ZoneInfo

from tests.oracle.instants import local_day
from tests.oracle.labels import Sheet
from tests.oracle.people import Person

SEGMENTS = ("champions", "loyal", "new", "promising", "at_risk", "hibernating", "lost")


def segment_figures(
    sheet: Sheet, people: dict[str, Person], as_of: int, year: tuple[int, int, int], zone: ZoneInfo
) -> None:
    """`year` is the period of 365d."""
    counts = dict.fromkeys(SEGMENTS, 0)
    _, start, end = year
    recencies, frequencies = {}, {}
    for name, person in people.items():
        placed = [order.at for order in person.orders if start <= order.at < end]
        if placed:
            recencies[name] = -(local_day(as_of, zone) - local_day(max(placed), zone)).days
            frequencies[name] = len(placed)
        elif person.orders:
            counts["lost"] += 1
    by_recency, by_frequency = sorted(recencies.values()), sorted(frequencies.values())
    for name in recencies:
        r, f = _score(by_recency, recencies[name]), _score(by_frequency, frequencies[name])
        counts[_segment(r, f)] += 1
    for segment, number in counts.items():
        sheet.put("customers_in_segment", number, segment=segment)


def _score(ascending: list[int], value: int) -> int:
    """1 + floor(5 x share of those with a lower value)."""
    lower = bisect_left(ascending, value)
    return 1 + 5 * lower // len(ascending)


def _segment(r: int, f: int) -> str:
    if r >= 4 and f >= 4:
        return "champions"
    if r >= 3 and f >= 3:
        return "loyal"
    if r >= 4 and f <= 2:
        return "new"
    if r == 3 and f <= 2:
        return "promising"
    if r <= 2 and f >= 3:
        return "at_risk"
    assert max(r, f) <= 2
    return "hibernating"
