"""Stories at the edges of the definitions, on which oracle and domain must agree in every figure."""

import pytest

from tests.oracle.edges import alone_at, edge_of, everything_at
from tests.oracle.recompute import WINDOWS
from tests.oracle.telling import (
    AS_OF,
    Told,
    cancelled,
    event,
    money,
    placed,
    refunded,
    scheduled,
    started,
    sub,
)

FAR = "9999-12-31T23:59:59.999999Z"
LONG_AGO = "0001-01-01T00:00:00Z"

STORIES = {
    "nothing at all": [],
    "only a cancellation": [cancelled("a", "2025-09-01")],
    "only the future": [placed("a", "2026-09-01", "1 EUR"), started("2026-09-01")],
    "an activation after an erasure of a lapsed trial": [
        started("2025-09-01", trial="2025-09-05"),
        event("customer.erased", "2025-09-06"),
        sub("activated", "2025-09-10"),
    ],
    "an erasure at the very end of a trial": [
        started("2025-09-01", trial="2025-09-05"),
        event("customer.erased", "2025-09-05"),
        sub("activated", "2025-09-10"),
    ],
    "a lapse while a cancellation with a reason is scheduled": [
        started("2025-01-01"),
        sub("paused", "2025-09-01"),
        started("2025-09-02", trial="2025-09-10"),
        scheduled("2025-09-03", "2025-12-01", reason="price"),
    ],
    "an end and an erasure in one instant": [
        started("2025-01-01"),
        sub("ended", "2025-09-05", reason="price"),
        event("customer.erased", "2025-09-05"),
    ],
    "a channel on the placement that does not count": [
        placed("a", "2025-09-02", "1 EUR", channel="x"),
        placed("a", "2025-09-01", "1 EUR"),
    ],
    "a channel on a cancelled order": [
        placed("a", "2025-09-02", "1 EUR", channel="x"),
        cancelled("a", "2025-09-01"),
        placed("b", "2025-09-05", "1 EUR"),
    ],
    "two changes in one instant that make and unmake a pair": [
        started("2025-09-02"),
        sub("changed", "2025-09-05", event_id="1", plan="p"),
        sub("changed", "2025-09-05", event_id="2", price=money("1 JPY")),
    ],
    "changes of a subscription that never was": [
        sub("changed", "2025-09-05", plan="p"),
        sub("changed", "2025-09-06", price=money("1 JPY")),
    ],
    "a pause and a free plan in one instant": [
        started("2025-01-02"),
        sub("changed", "2025-09-05", price=money("0 EUR")),
        sub("paused", "2025-09-05"),
    ],
    "a new start with a trial that is free": [
        started("2025-01-02"),
        started("2025-09-05", price="0 EUR", trial="2025-12-01"),
    ],
    "a pause and its end in one instant": [
        started("2025-01-02"),
        sub("paused", "2025-09-05"),
        sub("resumed", "2025-09-05"),
        sub("ended", "2025-09-06"),
    ],
    "an end and a new trial in one instant": [
        started("2025-01-02"),
        sub("ended", "2025-09-05", reason="price"),
        started("2025-09-05", trial="2025-12-01"),
    ],
    "one event_id in every family": [
        placed("a", "2025-09-01", "1 EUR", event_id="x"),
        started("2025-09-01", event_id="x"),
        started("2025-09-01", subscription="t", event_id="x"),
        event("customer.signed_up", "2025-09-01", event_id="x"),
    ],
    "the first and the last instant there is": [
        started(LONG_AGO),
        placed("a", LONG_AGO, "1 EUR"),
        placed("b", "2025-09-05", "1 EUR"),
        started("2025-09-05", trial=FAR, subscription="z"),
        scheduled("2025-09-05", FAR),
        scheduled("2025-09-06", LONG_AGO, reason="price"),
    ],
    "a paused subscription that ends on the edge of last month": [
        started("2025-01-01"),
        sub("paused", "2025-09-05"),
        sub("ended", "2025-10-01", reason="price"),
    ],
    "a plan and a currency first seen at as_of": [
        started(AS_OF, "1 JPY", plan="new"),
        sub("changed", AS_OF, "never started", plan="other", price=money("1 KWD")),
        started("2025-01-01", plan="old", subscription="t"),
        sub("changed", AS_OF, "t", plan="newer"),
    ],
    "all of it at as_of": [
        placed("a", AS_OF, "1 EUR", channel="x"),
        refunded("a", AS_OF, "1 EUR"),
        placed("b", AS_OF, "1 EUR"),
        cancelled("b", AS_OF),
        placed("c", AS_OF, "0 EUR", "d"),
        event("customer.signed_up", AS_OF, channel="y"),
        started(AS_OF),
        started("2025-01-01", subscription="t", trial=AS_OF),
        started("2025-01-01", subscription="u"),
        sub("payment_failed", AS_OF, "u"),
        started("2025-01-01", subscription="v", customer="e"),
        sub("ended", AS_OF, "v", "e", reason="price"),
    ],
    "amounts whose sum passes 2^63": [
        placed(f"o{n}", "2025-09-01", "90071992547409.92 EUR", f"c{n % 3}") for n in range(1_100)
    ],
    "annual values whose sum passes 2^63": [
        started("2025-09-01", "90071992547409.92 EUR", interval="day", customer=f"c{n}") for n in range(40)
    ],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_the_domain_tells_an_odd_story_like_the_oracle(story: list[dict]) -> None:
    Told(story, AS_OF)


@pytest.mark.parametrize("plan", ["other", "-"])
def test_a_plan_may_be_called_like_a_label_of_ours(plan: str) -> None:
    story = [started("2025-09-01", plan=plan), started("2025-09-01", plan="a", customer="d")]
    more = [started("2025-09-01", plan="b", customer="e"), placed("a", "2025-09-01", "1 EUR", customer="f")]
    more += [
        placed("a", "2025-09-01", "1 EUR", "g", channel=plan),
        placed("a", "2025-09-01", "1 EUR", "h", channel="q"),
    ]
    Told([*story, *more], AS_OF, label_limit=1)


def test_more_plans_and_channels_than_a_summary_carries() -> None:
    """A thousand and more of each, so that the rarest are dropped before the view chooses."""
    story = [
        made
        for number in range(1_030)
        for copy in range(2 if number < 30 else 1)
        for made in (
            started("2025-09-01", plan=f"plan {number:04}", customer=f"{number} {copy}"),
            placed(
                "a", "2025-09-01", f"{number + 1} EUR", f"{number} {copy}", channel=f"channel {number:04}"
            ),
        )
    ]
    told = Told(story, AS_OF, label_limit=20, windows=("7d",))
    assert told("subscriptions", plan="other", status="active") == 1_060 - 40


def test_a_business_before_the_epoch() -> None:
    story = [placed("a", "1969-09-05", "1 EUR"), started("1969-09-01"), sub("ended", "1969-09-05")]
    told = Told(story, "1969-12-01", windows=("180d", "last_quarter"))
    assert told("customers_transient", window="180d", plan="basic") == 1


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("edge", ["previous", "start", "end"])
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_everything_happens_beside_the_edge_of_a_window(window: str, edge: str, beside: int) -> None:
    """One of each kind of fact, to the microsecond before, on and after every edge."""
    at = edge_of(window, edge, AS_OF) + beside
    Told(everything_at(at), AS_OF, windows=(window,))
    Told(alone_at(at), AS_OF, windows=(window,))
