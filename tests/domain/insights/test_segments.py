"""Who is said to be in another segment, against plain loops."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.insights import Business, Rules
from service.domain.insights.segments import placed_by
from service.domain.metrics import Definitions, Summary, thresholds
from service.domain.metrics.segments import SEGMENTS, Scores
from service.domain.metrics.thresholds import Thresholds
from tests.domain.insights.watched import Watched
from tests.domain.metrics.test_segments import CUSTOMERS, tally_of
from tests.oracle.agreement import decoded
from tests.oracle.businesses import business
from tests.oracle.insights import DAY
from tests.oracle.instants import instant, local_day, start_of_day
from tests.oracle.people import Person, gather

ZONE = ZoneInfo("Europe/Berlin")
NOW = instant("2025-03-30T21:30:00Z")
LOOKS = (NOW - 40 * DAY, NOW - 3 * DAY, NOW - 3 * DAY + 1, NOW)
BORDERS = (
    Thresholds(1, 1, (-200, -90, -30, -10), (1, 2, 3, 5)),
    Thresholds(2, 2, (-250, -80, -40, -5), (2, 2, 4, 7)),
    Thresholds(3, 3, (-1, -1, 0, 0), (9, 9, 9, 9)),  # of no use: the day has been looked at
    Thresholds(4, 4, (-300, -100, -20, -15), (1, 1, 2, 4)),
)
NAMES = {
    **{(r, f): "champions" for r in (4, 5) for f in (4, 5)},
    **{(3, f): "loyal" for f in (3, 4, 5)},
    **{(r, 3): "loyal" for r in (3, 4, 5)},
    **{(r, f): "new" for r in (4, 5) for f in (1, 2)},
    **{(3, f): "promising" for f in (1, 2)},
    **{(r, f): "at_risk" for r in (1, 2) for f in (3, 4, 5)},
    **{(r, f): "hibernating" for r in (1, 2) for f in (1, 2)},
}


def segment(person: Person, as_of: int, borders: Thresholds) -> str | None:
    """As the local day begins."""
    today = local_day(as_of, ZONE)
    placed = [order.at for order in person.orders if order.at < start_of_day(today, ZONE)]
    year = [at for at in placed if at >= start_of_day(today - timedelta(days=364), ZONE)]
    if not year:
        return "lost" if placed else None
    days_ago = (today - local_day(max(year), ZONE)).days
    recency = 1 + len([border for border in borders.recency if -days_ago >= border])
    return NAMES[recency, 1 + len([border for border in borders.frequency if len(year) >= border])]


@pytest.mark.parametrize("seed", range(3))
def test_who_is_in_another_segment_is_told_once_a_day_by_the_thresholds_of_that_day(seed: int) -> None:
    definitions = Definitions(time_zone=ZONE.key, horizon_days=800)
    watched = Watched(NOW - 100 * DAY, definitions, Rules(days=365), Business({}, None))
    events = [e for e in business(seed, NOW, ZONE.key, customers=60) if e["type"] != "spend.recorded"]
    said: list[list[tuple[str, str, str, int]]] = []
    told: dict[str, str] = {}  # what was said last of whom
    last: tuple[int, Thresholds] | None = None  # what segments were looked at with before
    expected: list[list[tuple[str, str, str, int]]] = []
    for look, (as_of, borders) in enumerate(zip(LOOKS, BORDERS, strict=True)):
        earlier = LOOKS[look - 1] if look else 0
        known = [event for event in events if instant(event["occurred_at"]) <= as_of]
        watched.arrive([decoded(e) for e in known if instant(e["occurred_at"]) > earlier])
        watched.business, before = Business({}, borders), len(watched.topic)
        watched.crash()  # nothing of it is remembered but by the changelog
        watched.look(as_of)
        watched.checkpoint()
        moves = [insight for insight in watched.topic[before:] if insight["type"] == "segment.changed"]
        assert {insight["thresholds"]["made_at"][-8:] for insight in moves} <= {f".00000{look + 1}Z"}
        said.append(
            sorted((i["customer_id"], i["before"], i["after"], instant(i["occurred_at"])) for i in moves)
        )
        people = gather(known, as_of)
        if look == 2:
            expected.append([])
            continue
        begins, moved = start_of_day(local_day(as_of, ZONE), ZONE), []
        for name, person in people.items():
            now = segment(person, as_of, borders)
            was = told.get(name) or (segment(person, *last) if last else None)
            if was is not None and now is not None and was != now:
                moved.append((name, was, now, begins))
                told[name] = now
        expected.append(sorted(moved))
        last = as_of, borders
    assert said == expected
    assert len(said[1]) > 5
    assert len(said[3]) > 5


@settings(deadline=None, max_examples=100)
@given(CUSTOMERS, st.integers(0, 800), st.integers(1, 1_200))
def test_thresholds_tell_of_anybody_what_the_view_they_come_from_tells(
    customers: list[tuple[int, int]], days_ago: int, orders: int
) -> None:
    tally = tally_of(customers)
    found = thresholds(Summary(7, tally), made_at=8)
    assert found is not None
    assert (found.as_of, found.made_at) == (7, 8)
    everybody = [*customers, (days_ago, orders)]
    places = placed_by(found, *np.array(everybody).T)
    assert [SEGMENTS[place] for place in places] == [Scores(tally).segment(*one) for one in everybody]
