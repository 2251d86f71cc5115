"""Seeded random businesses that are nasty on purpose: every event of the contract, in odd orders, at equal
instants, exactly on the boundaries that figures depend on.

`business` gives JSON-shaped events in a shuffled order of arrival. Half of the subscriptions live a sensible
life, so that figures are not all zero; the other half is noise over very few instants.
"""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.oracle.clock import Clock
from tests.oracle.instants import HOUR

DAY = 24 * HOUR
LARGEST = 2**53
REASONS = (
    *("requested", "price", "product", "competitor", "unused", "service", "other"),
    *("payment_failed", "dispute", "refunded", "unknown"),
)
CURRENCIES = ("EUR", "EUR", "EUR", "USD", "JPY", "KWD")
PLANS = ("free", "month", "quarter", "year", "seats", "Ünicode", "\uff5eplan", "\U0001f600plan")
CHANNELS = ("ads", "friends", "search", "Search", "\uff5e", "\U0001f600")
INTERVALS = ("day", "week", "month", "month", "quarter", "year")
# Sorted by code points these differ from what UTF-16 or a locale would give.
ODD_PREFIXES = ("", "", "", "Z", "a", "\uff5e", "\U0001f600")
TRANSITIONS = (
    *("started", "started", "activated", "renewed", "changed", "changed", "paused", "resumed"),
    *("payment_failed", "payment_recovered", "cancel_scheduled", "cancel_unscheduled", "ended", "ended"),
)


def business(
    seed: int,
    as_of: int,
    time_zone: str = "UTC",
    *,
    customers: int = 150,
    history: timedelta = timedelta(days=1_500),
    repeats: float = 0.1,
    erasures: float = 0.0,
    extremes: float = 0.0,
    plans: tuple[str, ...] = PLANS,
    channels: tuple[str, ...] = CHANNELS,
    currencies: tuple[str, ...] = CURRENCIES,
) -> list[dict]:
    """About 25 events a customer, all types, some after as_of; a share `repeats` of them comes twice.

    `erasures` is the share of customers who are erased; `extremes` the share of amounts and quantities at the
    limits of the contract (apart, because beside 2^53 a wrong cent would not show).
    """
    rng = random.Random(seed)
    clock = Clock(rng, as_of, ZoneInfo(time_zone), history)
    events: list[dict] = []
    for number in range(customers):
        customer_id = rng.choice(ODD_PREFIXES) + f"c{number}"
        maker = _Customer(rng, clock, customer_id, plans, channels, currencies, customers, extremes)
        events += maker.events(erased=rng.random() < erasures)
    for number in range(60):
        events.append(
            {
                "type": "spend.recorded",
                "event_id": f"s{number}",
                "occurred_at": clock.text(clock.moment()),
                "channel": rng.choice((*channels, "nobody came")),
                "amount": {
                    "minor": LARGEST if rng.random() < extremes else rng.randrange(10**6),
                    "currency": rng.choice(currencies),
                },
            }
        )
    events += [event for event in events if rng.random() < repeats]
    rng.shuffle(events)
    return events


class _Customer:
    """Makes the events of one customer."""

    def __init__(
        self,
        rng: random.Random,
        clock: Clock,
        customer_id: str,
        plans: tuple[str, ...],
        channels: tuple[str, ...],
        currencies: tuple[str, ...],
        customers: int,
        extremes: float,
    ) -> None:
        self.extremes = extremes
        self.rng, self.clock, self.customer_id = rng, clock, customer_id
        self.plans, self.channels, self.currencies, self.customers = plans, channels, currencies, customers
        self.main_currency = rng.choice(currencies)
        self.moments = [clock.moment() for _ in range(rng.randint(2, 8))]
        self.event_numbers = list(range(1_000))
        rng.shuffle(self.event_numbers)

    def events(self, erased: bool) -> list[dict]:
        rng = self.rng
        found: list[dict] = []
        for number in range(rng.choice((0, 1, 2, 4, 10))):
            found += self.order(f"o{number}")
        for number in range(rng.choice((0, 1, 1, 2, 4))):
            subscription_id = rng.choice(ODD_PREFIXES) + f"s{number}"
            if rng.random() < 0.5:
                found += self.sensible_life(subscription_id)
            else:
                found += self.odd_life(subscription_id)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            channel = {"channel": rng.choice((*self.channels, None))} if rng.random() < 0.7 else {}
            referrer = {"referred_by": f"c{rng.randrange(self.customers)}"} if rng.random() < 0.3 else {}
            found.append(self.event("customer.signed_up", self.moment(), **channel, **referrer))
        for _ in range(rng.choice((0, 0, 1, 3))):
            found.append(self.event("customer.invited", self.moment(), invitee="somebody"))
        if erased:
            found.append(self.event("customer.erased", self.moment()))
        return found

    def moment(self) -> int:
        """Often one of the customer's few instants, so that much happens at once."""
        return self.rng.choice(self.moments) if self.rng.random() < 0.6 else self.clock.moment()

    def event(self, kind: str, at: int, event_id: str | None = None, **fields: object) -> dict:
        if event_id is None:
            event_id = self.rng.choice(ODD_PREFIXES) + f"e{self.event_numbers.pop()}"
        made = {
            "type": kind,
            "event_id": event_id,
            "occurred_at": self.clock.text(at),
            "customer_id": self.customer_id,
            **fields,
        }
        if self.rng.random() < 0.02:
            made["a_field_of_tomorrow"] = {"nested": [1, None]}
        return made

    def money(self, zero: float = 0.1) -> dict:
        rng = self.rng
        odds = rng.random()
        if odds < zero:
            minor = 0
        elif odds > 1 - self.extremes:
            minor = rng.choice((LARGEST, LARGEST - 1))
        else:
            minor = rng.choice(
                (1, 100, 199, 500, 999, 1_000, 1_000, 2_000, 5_000, rng.randrange(1, 2_000_000))
            )
        currency = self.main_currency if rng.random() < 0.8 else rng.choice(self.currencies)
        return {"minor": minor, "currency": currency}

    def order(self, order_id: str) -> list[dict]:
        rng = self.rng
        at, amount = self.moment(), self.money()
        found = []
        if rng.random() < 0.95:
            found.append(self.placement(order_id, at, amount))
        if rng.random() < 0.08:
            again = at + rng.choice((0, 0, 0, 1, -1, DAY, -DAY))
            found.append(self.placement(order_id, again, rng.choice((amount, self.money()))))
        while rng.random() < 0.3:
            share = rng.choice((0, amount["minor"] // 3, amount["minor"], min(LARGEST, amount["minor"] * 2)))
            refunded = rng.choice(({**amount, "minor": share}, self.money()))
            later = at + rng.choice((336 * HOUR, 336 * HOUR + 1, 336 * HOUR - 1, -DAY, 0, 5 * DAY, 40 * DAY))
            later = rng.choice((later, self.moment()))
            about = rng.choice((order_id, order_id, order_id, "never placed"))
            reason = {"reason": rng.choice(REASONS)} if rng.random() < 0.3 else {}
            found.append(self.event("order.refunded", later, order_id=about, amount=refunded, **reason))
        while rng.random() < 0.12:
            about = rng.choice((order_id, order_id, order_id, "never placed"))
            found.append(self.event("order.cancelled", self.moment(), order_id=about))
        return found

    def placement(self, order_id: str, at: int, amount: dict) -> dict:
        rng = self.rng
        fields: dict[str, object] = {}
        if rng.random() < 0.2:
            half = {**amount, "minor": amount["minor"] // 2}
            fields["items"] = [{"sku": "left", "quantity": 2, "amount": half}, {**_RIGHT, "amount": amount}]
        if rng.random() < 0.3:
            fields["channel"] = rng.choice((*self.channels, None))
        if rng.random() < 0.2:
            fields["subscription_id"] = "s0"
        return self.event("order.placed", at, order_id=order_id, amount=amount, **fields)

    def transition(self, subscription_id: str, number: int, kind: str, at: int, **fields: object) -> dict:
        event_id = self.rng.choice(ODD_PREFIXES) + f"t{number}"  # unique within the subscription only
        return self.event(f"subscription.{kind}", at, event_id, subscription_id=subscription_id, **fields)

    def reason(self) -> dict:
        return {"reason": self.rng.choice((*REASONS, None))} if self.rng.random() < 0.7 else {}

    def price(self) -> dict:
        """price, and where it fits into the limit of price x quantity, a quantity."""
        rng = self.rng
        price = self.money(zero=0.2)
        fields: dict[str, object] = {"price": price}
        quantity = self.quantity()
        if rng.random() < 0.3 and price["minor"] * quantity <= LARGEST:
            fields["quantity"] = quantity
        return fields

    def quantity(self) -> int:
        return 2**31 - 1 if self.rng.random() < self.extremes else self.rng.choice((1, 2, 3, 25))

    def start(self, trial_ends_at: int | None) -> dict:
        rng = self.rng
        fields: dict[str, object] = {"plan": rng.choice(self.plans), "interval": rng.choice(INTERVALS)}
        fields |= self.price()
        if rng.random() < 0.2:
            fields["interval_count"] = rng.choice((1, 2, 7, 1_200))
        if trial_ends_at is not None:
            fields["trial_ends_at"] = self.clock.text(trial_ends_at)
        if rng.random() < 0.2:
            fields["channel"] = rng.choice((*self.channels, None))
        if rng.random() < 0.1:
            fields["period_ends_at"] = self.clock.text(self.moment())
        return fields

    def change(self) -> dict:
        rng = self.rng
        fields: dict[str, object] = {}
        while not any(value is not None for value in fields.values()):
            if rng.random() < 0.4:
                fields["plan"] = rng.choice((*self.plans, None))
            if rng.random() < 0.5:
                fields |= self.price()
            if rng.random() < 0.2:
                fields["interval"] = rng.choice(INTERVALS)
            if rng.random() < 0.1:
                fields["interval_count"] = rng.choice((1, 3, 1_199))
            if "price" not in fields and rng.random() < 0.2:
                fields["quantity"] = self.quantity()
        return fields

    def fields_of(self, kind: str, moments: list[int]) -> dict:
        """Fields of a random transition whose own instants come from `moments`."""
        rng = self.rng
        if kind == "started":
            trial = rng.choice(moments) + rng.choice((0, 0, 0, 1)) if rng.random() < 0.6 else None
            return self.start(trial)
        if kind == "changed":
            return self.change()
        if kind == "cancel_scheduled":
            return {"ends_at": self.clock.text(rng.choice(moments)), **self.reason()}
        return self.reason() if kind == "ended" else {}

    def odd_life(self, subscription_id: str) -> list[dict]:
        """Any transitions in any order, at few instants that trials and schedules end at as well."""
        rng = self.rng
        moments = [self.moment() for _ in range(rng.randint(1, 6))]
        kinds = ["started"] * rng.randint(0, 1) + rng.choices(TRANSITIONS, k=rng.randint(1, 14))
        numbers = rng.sample(range(100), len(kinds))
        return [
            self.transition(
                subscription_id, number, kind, rng.choice(moments), **self.fields_of(kind, moments)
            )
            for number, kind in zip(numbers, kinds, strict=True)
        ]

    def sensible_life(self, subscription_id: str) -> list[dict]:
        """A start, perhaps a trial that converts or lapses, changes, pauses, failures, an end, a return."""
        rng = self.rng
        at = self.moment() - rng.choice((0, 0, 0, 30, 200, 400)) * DAY
        found: list[dict] = []
        numbers = rng.sample(range(100), 60)

        def happens(kind: str, when: int, **fields: object) -> None:
            found.append(self.transition(subscription_id, numbers.pop(), kind, when, **fields))

        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            trial = at + 14 * DAY if rng.random() < 0.4 else None
            happens("started", at, **self.start(trial))
            if trial is not None:
                at = trial + rng.choice((0, 0, -1, 1, -DAY, 3 * DAY, 60 * DAY))
                if rng.random() < 0.7:
                    happens(rng.choice(("activated", "renewed")), at)
            for _ in range(rng.randint(0, 5)):
                at += rng.choice((1, 30 * DAY, 30 * DAY, 31 * DAY, 90 * DAY, self.clock.step()))
                kind = rng.choice(("renewed", "changed", "paused", "resumed", "payment_failed", "renewed"))
                happens(kind, at, **(self.change() if kind == "changed" else {}))
                if kind == "payment_failed" and rng.random() < 0.5:
                    happens(
                        rng.choice(("payment_recovered", "renewed")), at + rng.choice((0, 2 * DAY, 9 * DAY))
                    )
            at += rng.choice((DAY, 20 * DAY, self.clock.step()))
            if rng.random() < 0.4:
                ends_at = at + rng.choice((0, -DAY, 10 * DAY, 30 * DAY))
                happens("cancel_scheduled", at, ends_at=self.clock.text(ends_at), **self.reason())
                if rng.random() < 0.2:
                    happens("cancel_unscheduled", at + rng.choice((0, DAY)))
                if rng.random() < 0.3:
                    happens("ended", ends_at + rng.choice((-1, 0, 0, 1)), **self.reason())
                at = max(at, ends_at)
            elif rng.random() < 0.5:
                happens("ended", at, **self.reason())
            at += rng.choice((0, 0, 1, 45 * DAY, self.clock.step()))
        return found


_RIGHT = {"sku": "right", "quantity": 2**31 - 1}
