"""What all families of metrics look at: the facts as known at one instant, and the windows there."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import lcm

import numpy as np

from service.domain.facts import Facts
from service.domain.facts.names import NONE
from service.domain.metrics.counted import CountedOrders, CountedRefunds
from service.domain.metrics.days import LocalDays
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.labels import ABSENT, LabelSet
from service.domain.metrics.tally import dtype_for, first_value
from service.domain.metrics.thresholds import Thresholds
from service.domain.metrics.windows import YEAR, Window, resolve
from service.domain.records.customer import NEVER
from service.domain.records.life import ACTIVE, PAST_DUE


class Paying:
    """Stretches in which a subscription is paying, begun at `as_of` or before; a customer's first one that is
    alive gives the plan. Annual values are in `1 / per_minor` of a minor unit."""

    def __init__(self, facts: Facts, as_of: int, plans: LabelSet) -> None:
        table = facts.lives.stretches
        paying = (
            (table["annual"] > 0) & np.isin(table["status"], (ACTIVE, PAST_DUE)) & (table["start"] <= as_of)
        )
        self.rows = np.flatnonzero(paying)  # of the table
        self.customer = table["customer"][paying].astype(np.intp)
        self.start, self.end = table["start"][paying], table["end"][paying]
        self.plan, self.currency = plans.places(table["plan"][paying]), table["currency"][paying]
        counts = table["interval_count"][paying]
        self.per_minor = lcm(*np.unique(counts).tolist())
        annual = table["annual"][paying]
        self.annual = annual.astype(dtype_for(annual, self.per_minor)) * (self.per_minor // counts)
        self._size = facts.customers
        self.first_at = np.full(self._size, NEVER)
        np.minimum.at(self.first_at, self.customer, self.start)
        self._alive: dict[int, np.ndarray] = {}
        self._plan_at: dict[int, np.ndarray] = {}

    def alive(self, boundary: int) -> np.ndarray:
        """Which stretches (rows) hold at a boundary, by what came strictly before it."""
        if boundary not in self._alive:  # many windows end at the same one
            self._alive[boundary] = np.flatnonzero((self.start < boundary) & (boundary <= self.end))
        return self._alive[boundary]

    def plan_at(self, boundary: int) -> np.ndarray:
        """Each customer's plan at a boundary; NONE for those not paying then."""
        if boundary not in self._plan_at:
            alive = self.alive(boundary)
            self._plan_at[boundary] = first_value(self.customer[alive], self.plan[alive], self._size, NONE)
        return self._plan_at[boundary]


class Moment:
    """The facts at an instant, with what several families need of them made once. `thresholds`: those of
    earlier views that single customers may be judged by."""

    def __init__(
        self, facts: Facts, as_of: int, definitions: Definitions, thresholds: Sequence[Thresholds] = ()
    ) -> None:
        self.facts, self.as_of, self.definitions = facts, as_of, definitions
        self.thresholds = thresholds
        self.windows: list[Window] = [
            resolve(name, as_of, definitions.time_zone) for name in definitions.measured_windows
        ]

    @cached_property
    def year(self) -> Window:
        """The last 365 days."""
        return next(window for window in self.windows if window.name == YEAR)

    @cached_property
    def days(self) -> LocalDays:
        """The local days inside the horizon."""
        return LocalDays(self.as_of, self.definitions.horizon, self.definitions.time_zone)

    @cached_property
    def orders(self) -> CountedOrders:
        """The orders that count."""
        return CountedOrders(self.facts, self.as_of)

    @cached_property
    def refunds(self) -> CountedRefunds:
        """The refunds that count."""
        return CountedRefunds(self.facts, self.as_of)

    @cached_property
    def paying(self) -> Paying:
        """The stretches that pay."""
        return Paying(self.facts, self.as_of, self.plans)

    @cached_property
    def plans(self) -> LabelSet:
        """Plans ever seen."""
        mentions = self.facts.lives.mentions
        said = mentions["at"] <= self.as_of
        return LabelSet.met(self.facts.plans, mentions["customer"][said], mentions["plan"][said])

    @cached_property
    def channels(self) -> LabelSet:
        """Channels that customers have."""
        return LabelSet.given(self.facts.channels, self._channel)

    @cached_property
    def channel(self) -> np.ndarray:
        """Each customer's channel, as a place in `channels`."""
        return self.channels.places(self._channel)

    def by_channel(self, customers: np.ndarray) -> Iterator[tuple[str, int]]:
        """How many of these customers (a mask) each channel has that anybody has; `-` where somebody without
        a channel was ever active."""
        places = self._channel_place[np.flatnonzero(customers)]
        counts = np.bincount(places, minlength=len(self.channels) + 1).tolist()
        yield from zip(self.channels.names, counts[1:], strict=True)
        if self._active_without_channel:
            yield ABSENT, counts[0]

    @cached_property
    def _channel_place(self) -> np.ndarray:
        """Counted from 1, and 0 for none. Numpy follows places twice as fast when they have its own width."""
        return self.channel.astype(np.intp) + 1

    @cached_property
    def _active_without_channel(self) -> bool:
        return bool(((self.channel == NONE) & (self.first_active_at <= self.as_of)).any())

    @cached_property
    def _channel(self) -> np.ndarray:
        return self.facts.lives.channel_at(self.as_of, self.facts.customers)

    @cached_property
    def first_plan(self) -> np.ndarray:
        """Each customer's first plan, as a place in `plans`."""
        return self.plans.places(self.facts.lives.first_plan_at(self.as_of, self.facts.customers))

    @cached_property
    def first_active_at(self) -> np.ndarray:
        """Each customer's first activity ever, in either basis; NEVER without any."""
        first: np.ndarray = np.minimum(self.orders.first_at, self.paying.first_at)
        return first

    @cached_property
    def referred(self) -> np.ndarray:
        """A mask by customer: who was referred by somebody."""
        return self.facts.lives.referred(self.as_of, self.facts.customers)

    @cached_property
    def brought(self) -> np.ndarray:
        """By customer: how many were referred by them."""
        return self.facts.credits.brought(self.as_of, self.facts.customers)

    @cached_property
    def subscription_currencies(self) -> list[int]:
        """Currencies ever seen in subscriptions, as numbers."""
        mentions = self.facts.lives.mentions
        return _distinct(mentions["currency"][mentions["at"] <= self.as_of])

    @cached_property
    def spend_currencies(self) -> list[int]:
        """Currencies ever seen in spend, as numbers."""
        spend = self.facts.spend.spend
        return _distinct(spend["currency"][spend["at"] <= self.as_of])

    @cached_property
    def order_currencies(self) -> list[int]:
        """Currencies ever seen in orders, refunds or folded totals, as numbers."""
        facts = self.facts.orders
        until = facts.placed_by(self.as_of)
        refunds = facts.refunds["currency"][facts.refunds["at"] <= self.as_of]
        columns = (facts.orders["currency"][:until], refunds, facts.folded["currency"])
        return sorted({number for column in columns for number in _distinct(column)})


def _distinct(numbers: np.ndarray) -> list[int]:
    """Each small number once, ascending, without NONE."""
    met: list[int] = np.flatnonzero(np.bincount(numbers.astype(np.intp) - NONE)[1:]).tolist()
    return met
