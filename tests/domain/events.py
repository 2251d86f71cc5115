"""Small strategies for events: few names and few instants, so that they meet as often as possible."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import strategies as st

from schemas import fast
from schemas.instants import DAY
from service.domain.facts import Facts
from service.domain.metrics import Definitions, Summary, View, summarize, total, view
from service.domain.records import Partition
from service.domain.records.customer import EVER

AS_OF = int(datetime(2026, 3, 31, 12, tzinfo=UTC).timestamp()) * 1_000_000
LARGEST = 2**53

amounts = st.one_of(st.integers(0, 3), st.integers(0, 100_000), st.just(LARGEST))
currencies = st.sampled_from(["EUR", "JPY"])
money = st.builds(fast.Money, minor=amounts, currency=currencies)
customers = st.sampled_from(["ann", "bob", "cy"])
subscriptions = st.sampled_from(["s1", "s2"])
orders = st.sampled_from(["o1", "o2", "o3"])
channels = st.sampled_from([None, "ads", "friends"])
reasons = st.sampled_from([None, "price", "payment_failed"])
plans = st.sampled_from(["free", "month", "year"])
instants = st.integers(0, 30).map(lambda n: AS_OF - n * 13 * DAY) | st.integers(-2, 2).map(
    lambda n: AS_OF + n
)


def changed(event: Any, **changes: Any) -> Any:
    """The event with other values in some fields."""
    return type(event)(**{**{name: getattr(event, name) for name in event.__struct_fields__}, **changes})


def _event(kind: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, event_id=st.just(""), occurred_at=instants, customer_id=customers, **fields)


_plain = (
    fast.SubscriptionActivated,
    fast.SubscriptionRenewed,
    fast.SubscriptionCancelUnscheduled,
    fast.SubscriptionPaused,
    fast.SubscriptionResumed,
    fast.SubscriptionPaymentFailed,
    fast.SubscriptionPaymentRecovered,
)
_sizes = st.one_of(
    st.tuples(money, st.just(1)),
    st.tuples(
        st.builds(fast.Money, minor=st.integers(0, 2**22), currency=currencies),
        st.sampled_from([3, 2**31 - 1]),
    ),
)
_terms = {
    "plan": plans,
    "interval": st.sampled_from(["day", "week", "month", "quarter", "year"]),
    "interval_count": st.sampled_from([1, 7, 1200]),
}


def _sized(event: Any, size: tuple[Any, int]) -> Any:
    return changed(event, price=size[0], quantity=size[1])


_started = st.builds(
    _sized,
    _event(
        fast.SubscriptionStarted,
        subscription_id=subscriptions,
        price=st.just(fast.Money(minor=0, currency="EUR")),
        trial_ends_at=st.none() | instants,
        channel=channels,
        **_terms,
    ),
    _sizes,
)
_changed = st.one_of(
    _event(fast.SubscriptionChanged, subscription_id=subscriptions, quantity=st.sampled_from([1, 2**31 - 1])),
    _event(fast.SubscriptionChanged, subscription_id=subscriptions, price=money, plan=st.none() | plans),
    _event(fast.SubscriptionChanged, subscription_id=subscriptions, **_terms),
)
order_events = st.one_of(
    _event(fast.OrderPlaced, order_id=orders, amount=money, channel=channels),
    _event(fast.OrderRefunded, order_id=orders, amount=money),
    _event(fast.OrderCancelled, order_id=orders),
)
subscription_events = st.one_of(
    _started,
    _started,
    _changed,
    _event(fast.SubscriptionCancelScheduled, subscription_id=subscriptions, ends_at=instants, reason=reasons),
    _event(fast.SubscriptionEnded, subscription_id=subscriptions, reason=reasons),
    *(_event(kind, subscription_id=subscriptions) for kind in _plain),
)
people_events = st.one_of(
    _event(fast.CustomerSignedUp, channel=channels, referred_by=st.none() | customers),
    _event(fast.CustomerInvited),
    _event(fast.CustomerErased),
    st.builds(
        fast.SpendRecorded,
        event_id=st.just(""),
        occurred_at=instants,
        channel=st.just("ads"),
        amount=money,
    ),
)


def named(events: list[Any]) -> list[Any]:
    """Each event with an id of its own."""
    return [changed(event, event_id=f"e{number:03}") for number, event in enumerate(events)]


histories = st.lists(st.one_of(order_events, subscription_events, people_events), max_size=40).map(named)
"""In the order of their arrival, which matters for customers who are erased, and only for them."""


def without_erasures(history: list[Any]) -> list[Any]:
    """What is left of a history, and does not depend on the order of arrival."""
    return [event for event in history if not isinstance(event, fast.CustomerErased)]


def foreseeable() -> Partition:
    """A partition whose surrogates have the same names each time."""
    return Partition(chance=Random(0).randbytes)


def applied(events: Iterable[Any], horizon: int = EVER, partition: Partition | None = None) -> Partition:
    """A partition to which these events have come, in this order."""
    partition = partition or foreseeable()
    for event in events:
        partition.apply(event, horizon)
    return partition


def summary(
    partition: Partition,
    as_of: int = AS_OF,
    definitions: Definitions | None = None,
    facts: Facts | None = None,
) -> Summary:
    """What a partition passes on."""
    facts = facts or Facts()
    facts.update(partition.draw())
    return summarize(facts, as_of, definitions or Definitions())


def figures(
    events: Iterable[Any], as_of: int = AS_OF, definitions: Definitions | None = None, horizon: int = EVER
) -> View:
    """The figures of a business with these events, held in one partition."""
    definitions = definitions or Definitions()
    return view(summary(applied(events, horizon), as_of, definitions), definitions)


def split(events: Iterable[Any], number_of: Callable[[str], int]) -> list[Partition]:
    """The same events in several partitions, by the number that a customer or channel is given."""
    partitions: dict[int, Partition] = {}
    for event in events:
        name = event.channel if isinstance(event, fast.SpendRecorded) else event.customer_id
        applied([event], partition=partitions.setdefault(number_of(name), Partition()))
    return list(partitions.values()) or [Partition()]


def added(summaries: list[Summary], definitions: Definitions | None = None) -> View:
    """The view of several partitions."""
    return view(total(summaries), definitions or Definitions())
