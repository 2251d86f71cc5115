"""What must hold of what is said, whatever happens."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import fast
from schemas.instants import DAY
from service.domain.facts import Facts
from service.domain.insights import Business, Rules
from service.domain.metrics import Definitions
from service.domain.metrics.moment import Moment
from tests.domain.events import AS_OF, applied, histories, without_erasures
from tests.domain.insights.watched import Watched
from tests.oracle.agreement import decoded
from tests.oracle.businesses import business
from tests.oracle.instants import instant

DEFINITIONS, RULES = Definitions(horizon_days=800), Rules(days=365, lapse_days=30)
LOOKS = (AS_OF - 100 * DAY, AS_OF - 26 * DAY, AS_OF - 1, AS_OF)
LONG_AGO, STEADY = AS_OF - 360 * DAY, settings(max_examples=40, deadline=None)
LAST = instant("2025-03-30T21:30:00Z")


def watched(since: int = LONG_AGO) -> Watched:
    return Watched(since, DEFINITIONS, RULES, Business({}, None))


def identities(one: Watched) -> list[str]:
    return sorted(insight["event_id"] for insight in one.topic)


def in_time(history: Sequence[Any]) -> list[list[Any]]:
    """The events by the first look at which they can be known."""
    found: list[list[Any]] = [[] for _ in LOOKS]
    for event in history:
        due = next((n for n, at in enumerate(LOOKS) if event.occurred_at <= at), None)
        if due is not None:
            found[due].append(event)
    return found


@STEADY
@given(histories, st.randoms(use_true_random=False))
def test_order_repetition_and_crashes_change_nothing_of_what_is_said(
    history: list[Any], dice: Random
) -> None:
    plain, stormy = watched(), watched()
    for as_of, events in zip(LOOKS, in_time(without_erasures(history)), strict=True):
        plain.arrive(events)
        plain.look(as_of)
        plain.checkpoint()
        mixed = [*events, *dice.sample(events, len(events) // 2)]
        dice.shuffle(mixed)
        stormy.arrive(mixed)
        for _ in range(dice.randrange(3)):
            stormy.look(as_of)
            stormy.crash()
        stormy.look(as_of)
        while stormy.partition.sayings.due:
            stormy.checkpoint(most=1)
            if dice.random() < 0.3:
                stormy.crash()
                stormy.look(as_of)
    assert identities(plain) == identities(stormy)
    assert len(set(identities(plain))) == len(plain.topic)


@STEADY
@given(histories, st.randoms(use_true_random=False))
def test_however_late_events_come_the_last_said_of_churn_is_how_it_stands(
    history: list[Any], dice: Random
) -> None:
    one, history = watched(), without_erasures(history)
    dice.shuffle(history)
    for place, as_of in enumerate((*LOOKS, AS_OF)):
        one.arrive(history[place :: len(LOOKS) + 1])
        one.look(as_of)
        one.checkpoint()
    facts, partition = Facts(), applied(history)
    facts.update(partition.draw())
    moment = Moment(facts, AS_OF, DEFINITIONS)
    active = {
        "subscription": moment.paying.plan_at(AS_OF + 1) >= 0,
        "orders": moment.orders.active(int(moment.days.begins(moment.days.today - 29)), AS_OF + 1),
    }
    said = {(i["customer_id"], i["basis"]): i["type"] for i in one.topic if "basis" in i}
    for (name, basis), kind in said.items():
        (number,) = facts.numbers([name])
        assert (kind == "customer.reactivated") == bool(active[basis][number])
    assert len({insight["event_id"] for insight in one.topic}) == len(one.topic)


def years(seed: int = 5) -> list[Any]:
    """Two years of a business."""
    events = business(seed, LAST, customers=12)
    return [decoded(e) for e in events if e["type"] != "spend.recorded" and instant(e["occurred_at"]) <= LAST]


def test_whoever_begins_to_watch_after_two_years_says_nothing_of_them() -> None:
    since_now, since_long_ago = watched(LAST), watched(LAST - 360 * DAY)
    for one in (since_now, since_long_ago):
        one.arrive(years())
        for as_of in (LAST - DAY, LAST):
            one.look(as_of)
            one.checkpoint()
    assert since_now.topic == []
    assert since_long_ago.topic != []


def test_what_is_older_than_the_bound_is_forgotten_and_not_said() -> None:
    one = watched()
    one.arrive([order("ann", "o1", AS_OF - 300 * DAY)])
    one.look(AS_OF)
    one.checkpoint()
    assert [insight["type"] for insight in one.topic] == ["customer.churned"]
    assert list(one.partition.sayings.held) == ["ann"]
    one.look(AS_OF + 1_000 * DAY)
    one.checkpoint()
    one.arrive([order("bob", "o1", AS_OF)])  # gone long before the bound when it comes
    one.look(AS_OF + 1_001 * DAY)
    one.checkpoint()
    assert len(one.topic) == 1
    assert one.partition.sayings.held == {}


def order(name: str, order_id: str, at: int) -> fast.OrderPlaced:
    return fast.OrderPlaced(
        event_id=order_id,
        occurred_at=at,
        customer_id=name,
        order_id=order_id,
        amount=fast.Money(minor=1_000, currency="EUR"),
    )


def erasure(name: str) -> fast.CustomerErased:
    return fast.CustomerErased(event_id="e", occurred_at=AS_OF, customer_id=name)


@pytest.mark.parametrize("when", ["before the look", "before it is said", "after it is said"])
def test_nothing_is_said_or_kept_of_who_was_erased(when: str) -> None:
    one = watched()
    one.arrive([order("ann", "o1", AS_OF - 300 * DAY), order("bob", "o2", AS_OF - 200 * DAY)])
    if when == "before the look":
        one.arrive([erasure("ann")])
    one.look(AS_OF)
    if when == "before it is said":
        one.arrive([erasure("ann"), order("ann", "o3", AS_OF + 1)])  # and a new customer of the same name
    one.checkpoint()
    if when == "after it is said":
        one.arrive([erasure("ann")])
        one.checkpoint()
    one.look(AS_OF + DAY)
    one.checkpoint()
    told = [insight["customer_id"] for insight in one.topic]
    assert told == (["ann", "bob"] if when == "after it is said" else ["bob"])
    assert list(one.partition.sayings.held) == ["bob"]
    assert dict(one.changelog).get(b"iann") is None


def test_what_comes_late_is_said_with_its_own_instant() -> None:
    one = watched()
    about = {"customer_id": "ann", "subscription_id": "s"}
    price = fast.Money(minor=900, currency="EUR")
    began = fast.SubscriptionStarted(
        event_id="a", occurred_at=AS_OF - 50 * DAY, plan="pro", price=price, interval="month", **about
    )
    one.arrive([began])
    one.look(AS_OF)
    one.checkpoint()
    assert one.topic == []
    one.arrive([fast.SubscriptionEnded(event_id="b", occurred_at=AS_OF - 3 * DAY, **about)])
    one.look(AS_OF + 1)
    one.checkpoint()
    (said,) = one.topic
    assert (said["type"], instant(said["occurred_at"])) == ("customer.churned", AS_OF - 3 * DAY)
    assert instant(said["as_of"]) == AS_OF + 1


def test_what_was_said_does_not_pass_for_an_event() -> None:
    one = watched(since=AS_OF - 360 * DAY)
    one.arrive([order("ann", "o1", AS_OF - 300 * DAY)])
    one.look(AS_OF)
    one.checkpoint()
    one.look(AS_OF + 400 * DAY)  # from now on nothing before that is said
    one.checkpoint()
    watermark = one.partition.watermark
    one.crash()
    assert one.partition.watermark == watermark == AS_OF - 300 * DAY


def test_where_nobody_wants_to_be_told_nothing_is_remembered() -> None:
    one = watched()
    one.arrive([order("ann", "o1", AS_OF - 300 * DAY)])
    one.look(AS_OF)
    one.checkpoint()
    one.partition.sayings.end()
    one.checkpoint()
    left = {key for key, value in dict(one.changelog).items() if value is not None}
    assert left == {b"cann"}
