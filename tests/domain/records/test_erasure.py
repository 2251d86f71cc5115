"""Erasure (definitions, section 7): the person goes, the figures stay."""

import pickle
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import fast
from service.domain.facts import Facts
from service.domain.metrics import Definitions, Figure, View, view
from service.domain.records import Partition, WrongSecretError
from service.domain.records.identity import identity
from service.domain.records.rows import ORDER
from tests.domain.events import (
    AS_OF,
    DAY,
    EVER,
    applied,
    changed,
    figures,
    foreseeable,
    histories,
    named,
    order_events,
    people_events,
    subscription_events,
    summary,
    without_erasures,
)

thorough = settings(max_examples=40, deadline=None)
EUR = fast.Money(minor=100, currency="EUR")
PERSON = "ada.lovelace@example.org"


one_name = st.lists(
    (order_events | subscription_events | people_events).map(
        lambda e: e if isinstance(e, fast.SpendRecorded) else changed(e, customer_id="ann")
    ),
    max_size=15,
)
erased_often = st.lists(histories | one_name, min_size=2, max_size=4).map(
    lambda parts: named([event for part in parts for event in [*part, erasure(AS_OF - 100 * DAY, "ann")]])
)
"""In these somebody is erased in the middle of much, or several times."""


def order(at: int, name: str = "o1", who: str = PERSON) -> Any:
    return fast.OrderPlaced(
        event_id=f"{name} of {who}", occurred_at=at, customer_id=who, order_id=f"order {name}", amount=EUR
    )


def started(at: int, subscription: str = "first subscription", event: str = "begins") -> Any:
    return fast.SubscriptionStarted(
        event_id=event,
        occurred_at=at,
        customer_id=PERSON,
        subscription_id=subscription,
        plan="pro",
        price=EUR,
        interval="month",
    )


def erasure(at: int, who: str = PERSON) -> Any:
    return fast.CustomerErased(event_id="please", occurred_at=at, customer_id=who)


def outcomes(partition: Partition, events: Iterable[Any]) -> list[str]:
    return [partition.apply(event, EVER).value for event in events]


def drawn(partition: Partition) -> dict[str, Any]:
    partition.undraw()
    return partition.draw().lives


def compacted(rows: Iterable[tuple[bytes, bytes | None]]) -> dict[bytes, bytes]:
    return {key: value for key, value in dict(rows).items() if value is not None}


def test_what_arrives_late_from_before_an_erasure_is_discarded_and_what_is_later_starts_a_new_customer() -> (
    None
):
    partition = applied([order(10), started(20)])
    arriving = [erasure(30), order(10), order(30, "o2"), started(30), order(31, "o3"), order(29, "o4")]
    assert outcomes(partition, arriving) == ["applied", "erased", "erased", "erased", "applied", "erased"]
    assert len(drawn(partition)) == 2
    assert PERSON in drawn(partition)


def test_what_arrived_before_the_erasure_is_not_the_new_customers_whenever_it_happened() -> None:
    partition = applied([order(40), erasure(30)])
    assert PERSON not in drawn(partition)
    assert outcomes(partition, [order(40), order(40)]) == ["applied", "duplicate"]


def test_erasing_twice_is_harmless() -> None:
    partition = applied([order(10), erasure(30), order(40, "o2")])
    before = view(summary(partition), Definitions())
    assert (
        outcomes(partition, [erasure(30), erasure(20), changed(erasure(30), event_id="again")])
        == ["erased"] * 3
    )
    partition.undraw()
    assert view(summary(partition), Definitions()) == before


def test_who_came_back_can_be_erased_again() -> None:
    partition = applied([order(10), erasure(30), order(40, "o2"), erasure(50), order(45, "o3")])
    assert PERSON not in drawn(partition)
    assert [len(held.orders) for held in drawn(partition).values()] == [ORDER.itemsize] * 2


def test_the_erasure_of_somebody_unknown_leaves_a_mark_and_no_customer() -> None:
    partition = applied([erasure(30)])
    assert partition.customers_held == 0
    assert outcomes(partition, [order(30)]) == ["erased"]


def test_a_live_subscription_ends_with_the_erasure_or_with_its_own_last_transition() -> None:
    day = AS_OF - 5 * DAY
    renewed = fast.SubscriptionRenewed(
        event_id="goes on", occurred_at=day + DAY, customer_id=PERSON, subscription_id="second"
    )
    partition = applied([started(day), started(day, "second"), renewed, erasure(day + DAY // 2)])
    (held,) = drawn(partition).values()
    facts = Facts()
    partition.undraw()
    facts.update(partition.draw())
    assert held.erased_at == day + DAY // 2
    assert sorted(facts.lives.stretches["end"].tolist()) == [day + DAY // 2, day + DAY]
    partition.undraw()
    told = {
        (f.name, *(value for _, value in f.labels)): f.value
        for f in view(summary(partition), Definitions()).figures
    }
    assert told["subpulse_customers_transient", "7d", "pro"] == 1


@thorough
@given(histories)
def test_an_erasure_changes_no_figure_but_for_the_ends_it_books(history: list[Any]) -> None:
    """As of the instant before, nothing has happened; in basis orders nothing ever happens."""
    plain = without_erasures(history)
    erased = [*plain, *(erasure(AS_OF - DAY, who) for who in ("ann", "bob", "cy"))]
    assert figures(erased, AS_OF - DAY - 1) == figures(plain, AS_OF - DAY - 1)
    assert of_buyers(figures(erased)) == of_buyers(figures(plain))


def of_buyers(told: View) -> list[Figure]:
    """Figures of basis orders, without those of channels: these tell of subscribers too."""
    return [f for f in told.figures if ("basis", "orders") in f.labels and "channel" not in dict(f.labels)]


def test_facts_of_an_erased_customer_stay_those_of_one_customer() -> None:
    """Drawn before, come since, and another one of the same name after it."""
    arriving = [order(AS_OF - 90 * DAY, "drawn"), started(AS_OF - 80 * DAY)]
    since = [order(AS_OF - 70 * DAY, "fresh"), erasure(AS_OF - 60 * DAY), order(AS_OF - 50 * DAY, "new")]
    partition, facts = applied(arriving), Facts()
    facts.update(partition.draw())
    applied(since, partition=partition)
    told = view(summary(partition, facts=facts), Definitions())
    assert told == figures([*arriving, *since])
    assert facts.customers == 2
    assert sorted(facts.orders.orders["customer"].tolist()) == [0, 0, 1]


@thorough
@given(erased_often, st.data())
def test_drawing_and_restoring_at_any_time_gives_the_figures_of_the_same_arrivals(
    history: list[Any], data: st.DataObject
) -> None:
    log: list[tuple[bytes, bytes | None]] = []
    partition, facts = Partition(secret=b"s"), Facts()
    standby = Partition(secret=b"s")
    for event in history:
        partition.apply(event, EVER)
        match data.draw(st.integers(0, 5)):
            case 0:
                facts.update(partition.draw(data.draw(st.sampled_from([None, 1]))))
            case 1:
                rows = partition.changes()
                log += rows
                standby.restore(rows)
                standby.restored()
                facts.update(partition.draw())
                partition, standby, facts = standby, Partition(secret=b"s"), Facts()
                standby.restore(list(compacted(log).items()))
                standby.restored()
    while not (draft := partition.draw(1)).empty:
        facts.update(draft)
    assert view(summary(partition, facts=facts), Definitions()) == figures(history)


@thorough
@given(erased_often)
def test_facts_that_followed_a_partition_follow_it_after_another_one_had_erased(history: list[Any]) -> None:
    """A worker lets a partition go and gets it back; its facts know customers who were erased meanwhile."""
    own, log = Partition(), []
    other = Partition()
    half = len(history) // 2
    applied(history[:half], partition=other)
    log += other.changes()
    own.restore(log)
    own.restored()
    facts = Facts()
    facts.update(own.draw())
    applied(history[half:], partition=other)
    own.restore(other.changes())
    own.restored()
    assert view(summary(own, facts=facts), Definitions()) == figures(history)


def everything_about(partition: Partition, facts: Facts) -> bytes:
    """All that a partition and its facts hold, whatever it is called: functions are left out."""
    ledger = partition._ledger
    held = {k: v for k, v in vars(ledger).items() if k not in ("marks", "_chance")}
    held["marks"] = {k: v for k, v in vars(ledger.marks).items() if k != "_changed"}
    return pickle.dumps((held, vars(facts), partition.watermark, partition.traces_wanted()))


def test_no_byte_of_a_name_or_identifier_is_left_in_records_and_facts() -> None:
    """Long logs too, which are sealed, indexed and searched by what is kept beside the record."""
    partition, facts = Partition(), Facts()
    long = [order(n, f"o{n}") for n in range(1_500)]
    refunds = [
        fast.OrderRefunded(
            event_id=f"r{n}", occurred_at=n, customer_id=PERSON, order_id=f"order o{n}", amount=EUR
        )
        for n in range(300)
    ]
    changes = [started(n, event=f"change {n} of the first subscription") for n in range(400)]
    applied([*long, *refunds, long[3], started(5), *changes], partition=partition)
    applied(long[4:6], horizon=1, partition=partition)  # the second finds what there is to fold known
    facts.update(partition.draw())
    written = partition.changes()
    applied([order(3_000, "unwritten"), started(3_000, event="goes on")], partition=partition)
    assert PERSON.encode() in everything_about(partition, facts)
    assert b"first subscription" in everything_about(partition, facts)
    applied([erasure(4_000)], partition=partition)
    written += partition.changes()
    facts.update(partition.draw())
    left = everything_about(partition, facts)
    assert PERSON.encode() not in left
    assert b"first subscription" not in left
    assert b"goes on" not in left
    kept = compacted(written)
    assert not any(PERSON.encode() in key or PERSON.encode() in row for key, row in kept.items())
    assert not any(b"first subscription" in row for row in kept.values())
    restored = Partition()
    restored.restore(list(kept.items()))
    restored.restored()
    assert summary(restored) == summary(partition, facts=facts)
    assert restored.apply(order(3_999), EVER).value == "erased"


def test_no_identity_of_an_order_or_event_can_be_recognized_in_a_surrogate() -> None:
    events = [
        order(10),
        fast.OrderRefunded(event_id="r", occurred_at=11, customer_id=PERSON, order_id="order o1", amount=EUR),
        fast.OrderCancelled(event_id="x", occurred_at=11, customer_id=PERSON, order_id="order o1"),
        fast.CustomerInvited(event_id="i", occurred_at=12, customer_id=PERSON),
        started(13),
    ]
    identities = [identity(name) for name in ("order o1", "r", "x", "i", "18:first subscriptionbegins")]
    partition = applied(events)
    (held,) = drawn(partition).values()
    assert all(known in b"".join(logs(held)) for known in identities)
    applied([erasure(20)], partition=partition)
    (held,) = drawn(partition).values()
    assert not any(known in b"".join(logs(held)) for known in identities)


def logs(held: Any) -> list[bytes]:
    return [held.orders, held.refunds, held.cancellations, held.contacts, held.transitions]


def test_nobody_else_is_named_in_a_record() -> None:
    signed_up = fast.CustomerSignedUp(
        event_id="e", occurred_at=1, customer_id="grace", referred_by=PERSON, channel="ads"
    )
    invited = fast.CustomerInvited(event_id="f", occurred_at=2, customer_id="grace", invitee=PERSON)
    partition = applied([signed_up, invited])
    assert not any(PERSON.encode() in key + (row or b"") for key, row in partition.changes())


def marked(secret: bytes = b"hush") -> tuple[Partition, list[tuple[bytes, bytes | None]]]:
    partition = applied([order(10), erasure(30)], partition=Partition(secret=secret))
    return partition, partition.changes()


def restored(rows: list[tuple[bytes, bytes | None]], secret: bytes) -> Partition:
    partition = Partition(secret=secret)
    partition.restore(rows)
    partition.restored()
    return partition


def test_a_mark_is_of_use_with_its_secret_and_refused_with_another() -> None:
    _, rows = marked()
    assert restored(rows, b"hush").apply(order(30), EVER).value == "erased"
    for other in (b"", b"other"):
        with pytest.raises(WrongSecretError, match="erasure_secret is not the one"):
            restored(rows, other)


def test_marks_of_two_partitions_do_not_show_that_they_are_of_one_person() -> None:
    (one, _), (other, _) = marked(), marked()
    assert set(one.traces_wanted()).isdisjoint(other.traces_wanted())


def test_a_mark_stands_for_so_long_from_when_it_is_first_found_at_rest() -> None:
    partition, rows = marked()
    partition.forget_erasures(now=100, kept=50)
    rows += partition.changes()
    partition = restored(rows, b"hush")
    partition.forget_erasures(now=150, kept=50)
    assert partition.apply(order(30), EVER).value == "erased"
    partition.forget_erasures(now=151, kept=50)
    assert partition.apply(order(30), EVER).value == "applied"
    rows += partition.changes()
    assert [key[:1] for key in compacted(rows)] == [b"c", b"c"]
    assert restored(rows, b"a new secret").customers_held == 2


def test_who_came_back_is_like_everybody_else_once_the_mark_is_gone() -> None:
    partition = applied([erasure(30), order(40)])
    partition.forget_erasures(now=100, kept=50)
    partition.forget_erasures(now=151, kept=50)
    assert outcomes(partition, [order(20, "o2")]) == ["applied"]


def test_letters_are_looked_for_once_after_each_erasure() -> None:
    partition = applied([erasure(30)])
    wanted = partition.traces_wanted()
    assert set(wanted) == {partition.hash(PERSON)}
    applied([erasure(40)], partition=partition)
    partition.traces_deleted(wanted)
    assert partition.traces_wanted() == {partition.hash(PERSON): 40}
    partition.traces_deleted(partition.traces_wanted())
    assert partition.traces_wanted() == {}


def test_numbers_stand_in_the_order_of_the_names_where_that_order_decides() -> None:
    """Two contracts of equal value, and two changes of one instant: the names say which plan is whose."""
    day = AS_OF - 100 * DAY
    changes = [
        fast.SubscriptionChanged(
            event_id=event, occurred_at=day + DAY, customer_id=PERSON, subscription_id="a", plan=plan
        )
        for event, plan in (("2", "last"), ("1", "first"))
    ]
    story = [started(day, "b", "x"), started(day, "a", "y"), *changes]
    told = figures([*story, erasure(AS_OF + DAY)])
    assert told == figures(story)
    assert {dict(f.labels).get("plan") for f in told.figures if f.value} >= {"last", "pro"}
    at_end = [f for f in told.figures if f.name == "subpulse_customers_at_end" and f.value]
    assert {dict(f.labels)["plan"] for f in at_end} == {"last"}


@thorough
@given(st.lists(order_events | subscription_events, max_size=30).map(named))
def test_numbers_in_the_place_of_names_keep_every_figure(history: list[Any]) -> None:
    """Erased after all that happens: the fold of numbered transitions is that of named ones."""
    late = AS_OF + 100 * DAY
    everyone = [erasure(late, who) for who in ("ann", "bob", "cy")]
    partition = applied([*history, *everyone], partition=foreseeable())
    assert view(summary(partition), Definitions()) == figures(history)
