"""Everything known about each customer at as_of, gathered from the events in one plain pass.

Repeats are told apart by the identities of definitions.md section 1; events after as_of are not looked at.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from xxhash import xxh3_64_intdigest

from tests.oracle.instants import instant
from tests.oracle.lives import Life, State, tell
from tests.oracle.money import major
from tests.oracle.referrals import brought


class Order(NamedTuple):
    """A placed order that was not cancelled."""

    order_id: str
    at: int
    minor: int
    currency: str

    @property
    def amount(self) -> Fraction:
        return major(self.minor, self.currency)


class Refund(NamedTuple):
    order_id: str
    at: int
    minor: int
    currency: str

    @property
    def amount(self) -> Fraction:
        return major(self.minor, self.currency)


@dataclass
class Person:
    """One customer: orders in force, refunds that count, lives of subscriptions, and a few scalars."""

    orders: list[Order] = field(default_factory=list)
    free_orders: list[Order] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    lives: dict[str, Life] = field(default_factory=dict)
    first_plan: str = "-"
    channel: str | None = None
    signed_up: int | None = None
    referred: bool = False
    brought: int = 0  # customers who named this one
    invitations: list[int] = field(default_factory=list)
    plans: set[str] = field(default_factory=set)
    order_currencies: set[str] = field(default_factory=set)
    price_currencies: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    skus: dict[str, int] = field(default_factory=dict)  # when each was ordered first

    def first_order(self) -> int | None:
        """The first activity ever in the orders basis."""
        return min((order.at for order in self.orders), default=None)

    def first_paying(self, currency: str | None = None) -> int | None:
        """The first paying instant ever, in one currency or in any."""
        starts = [
            state.since
            for life in self.lives.values()
            for state in life.states
            if state.paying and currency in (None, state.currency)
        ]
        return min(starts, default=None)

    def first_active(self) -> int | None:
        """The first activity ever in either basis."""
        firsts = [at for at in (self.first_order(), self.first_paying()) if at is not None]
        return min(firsts, default=None)

    def first_skus(self, most: int) -> list[str]:
        """The products ordered first; of one instant those with the smallest hash."""
        hashed = {sku: xxh3_64_intdigest(sku.encode()) for sku in self.skus}
        return sorted(self.skus, key=lambda sku: (self.skus[sku], hashed[sku]))[:most]

    def paying_at(self, moment: int) -> list[tuple[str, State]]:
        """(subscription_id, state) of the subscriptions that are paying at an instant."""
        found = []
        for subscription_id, life in self.lives.items():
            state = life.at(moment)
            if state is not None and state.paying:
                found.append((subscription_id, state))
        return found

    def plan_at(self, moment: int) -> str:
        """Plan of the paying subscription of the highest annual value; ties: smallest subscription_id."""
        best = min(self.paying_at(moment), key=lambda pair: (-pair[1].annual_value, pair[0]))
        return best[1].plan

    def mrr_at(self, moment: int) -> dict[str, Fraction]:
        """MRR by currency, of the currencies with any."""
        total: dict[str, Fraction] = defaultdict(Fraction)
        for _, state in self.paying_at(moment):
            total[state.currency] += state.mrr
        return total

    def net_revenue(self) -> dict[str, Fraction]:
        """Lifetime net revenue in the currencies in which there is at least one order."""
        total: dict[str, Fraction] = defaultdict(Fraction)
        for order in self.orders:
            total[order.currency] += order.amount
        for refund in self.refunds:
            if refund.currency in total:
                total[refund.currency] -= refund.amount
        return total


def gather(events: list[dict], as_of: int) -> dict[str, Person]:
    """A name for each customer -> Person, from events with any repeats, as known at as_of.

    The order of the events matters only for customers who are erased: see `apart`.
    """
    people, lives = {}, apart(events)
    counts = brought(lives, as_of)
    for name, (own, erased_at) in lives.items():
        known = [event for event in own if instant(event["occurred_at"]) <= as_of]
        if known:
            people[name] = _person(known, as_of, _ends(own, erased_at))
            people[name].brought = counts[name]
    return people


def apart(events: list[dict]) -> dict[str, tuple[list[dict], int | None]]:
    """The events of each customer, and of an erased one the instant of the erasure (section 7).

    What has arrived when an erasure arrives is somebody's apart; what arrives later and did not happen later
    is nobody's.
    """
    living: dict[str, list[dict]] = defaultdict(list)
    erased: dict[str, tuple[list[dict], int | None]] = {}
    latest: dict[str, int] = {}
    for event in events:
        if event["type"] == "spend.recorded":
            continue
        name, at = event["customer_id"], instant(event["occurred_at"])
        if name in latest and at <= latest[name]:
            continue
        if event["type"] == "customer.erased":
            erased[f"{name} until {at}"] = living.pop(name, []), at
            latest[name] = at
        else:
            living[name].append(event)
    return {**{name: (own, None) for name, own in living.items()}, **erased}


def _ends(events: list[dict], erased_at: int | None) -> dict[str, int]:
    """When the erasure ends each subscription: at its own last transition if that is later."""
    ends: dict[str, int] = {}
    for event in events:
        if erased_at is not None and event["type"].startswith("subscription."):
            name = event["subscription_id"]
            ends[name] = max(ends.get(name, erased_at), instant(event["occurred_at"]))
    return ends


def _person(events: list[dict], as_of: int, ends: dict[str, int]) -> Person:
    person = Person()
    _take_orders(person, events)
    transitions: dict[str, dict[str, dict]] = defaultdict(dict)
    for event in events:
        if event["type"].startswith("subscription."):
            transitions[event["subscription_id"]][event["event_id"]] = event
    for subscription_id, own in transitions.items():
        person.lives[subscription_id] = tell(list(own.values()), ends.get(subscription_id), as_of)
    _take_terms_seen(person, events)
    _take_marks(person, events)
    return person


def _take_orders(person: Person, events: list[dict]) -> None:
    placed: dict[str, Order] = {}
    cancelled: set[str] = set()
    refunds: dict[str, Refund] = {}
    for event in events:
        at = instant(event["occurred_at"])
        money = event.get("amount", {})
        if event["type"] == "order.placed":
            for item in event.get("items") or ():
                person.skus[item["sku"]] = min(at, person.skus.get(item["sku"], at))
            order = Order(event["order_id"], at, money["minor"], money["currency"])
            known = placed.get(order.order_id)
            if known is None or _comes_first(order, known):
                placed[order.order_id] = order
        elif event["type"] == "order.refunded":
            refunds[event["event_id"]] = Refund(event["order_id"], at, money["minor"], money["currency"])
        elif event["type"] == "order.cancelled":
            cancelled.add(event["order_id"])
    for order in placed.values():
        if order.order_id not in cancelled:
            (person.orders if order.minor > 0 else person.free_orders).append(order)
    person.order_currencies = {known.currency for known in (*placed.values(), *refunds.values())}
    for refund in refunds.values():
        if not (refund.order_id in placed and refund.order_id in cancelled):
            person.refunds.append(refund)


def _comes_first(order: Order, other: Order) -> bool:
    """The same order placed twice: the earliest, the largest minor amount, the last currency."""
    if order.at != other.at:
        return order.at < other.at
    if order.minor != other.minor:
        return order.minor > other.minor
    return order.currency > other.currency


def _take_terms_seen(person: Person, events: list[dict]) -> None:
    """Plans, price currencies and pairs of both, seen in an event with or without effect."""
    for event in events:
        if event["type"] in ("subscription.started", "subscription.changed"):
            plan, price = event.get("plan"), event.get("price")
            if plan is not None:
                person.plans.add(plan)
            if price is not None:
                person.price_currencies.add(price["currency"])
            if plan is not None and price is not None:
                person.pairs.add((plan, price["currency"]))
    for life in person.lives.values():
        person.pairs |= life.pairs


def _take_marks(person: Person, events: list[dict]) -> None:
    """Earliest sign-up, whether anybody referred the customer, invitations, channel and first plan."""
    signups, channels_of_signups, channels, plans = [], [], [], []
    for event in events:
        at = instant(event["occurred_at"])
        channel = event.get("channel")
        if channel is not None:
            channels.append((at, channel))
        if event["type"] == "customer.signed_up":
            signups.append(at)
            if channel is not None:
                channels_of_signups.append((at, channel))
            if event.get("referred_by") is not None:
                person.referred = True
        if event["type"] == "subscription.started":
            plans.append((at, event["plan"]))
    sent = {e["event_id"]: instant(e["occurred_at"]) for e in events if e["type"] == "customer.invited"}
    person.invitations = list(sent.values())
    person.signed_up = min(signups, default=None)
    if channels:
        person.channel = min(channels_of_signups or channels)[1]
    if plans:
        person.first_plan = min(plans)[1]
