"""Monthly recurring revenue, its movements and the ratios made of them (definitions, section 4)."""

from collections.abc import Iterator
from fractions import Fraction
from math import prod

import numpy as np

from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import major, ratio
from service.domain.metrics.tally import Tally, present, sum_of, sums_by
from service.domain.metrics.windows import Window
from service.domain.records.customer import NEVER

KINDS = ("new", "reactivation", "expansion", "contraction", "churn")

MRR = Metric(
    "mrr", "Monthly recurring revenue of paying subscriptions now, major units.", ("plan", "currency")
)
AT_START = Metric(
    "mrr_at_start",
    "Monthly recurring revenue at the start of the window, major units.",
    ("window", "currency"),
)
MOVEMENT = Metric(
    "mrr_movement",
    "What changed MRR in the window, major units: "
    "start + new + reactivation + expansion - contraction - churn = end.",
    ("window", "currency", "kind"),
)
NET_RETENTION = Metric(
    "net_revenue_retention_ratio",
    "MRR at the end of those who had some at the start / theirs at the start.",
    ("window", "currency"),
)
GROSS_RETENTION = Metric(
    "gross_revenue_retention_ratio",
    "MRR kept, without expansion, of those who had some at the start / theirs at the start.",
    ("window", "currency"),
)
QUICK = Metric(
    "quick_ratio", "(New + reactivation + expansion) / (contraction + churn) of MRR.", ("window", "currency")
)
PAYING = internal("customers_paying", "currency")
METRICS = (MRR, AT_START, MOVEMENT, NET_RETENTION, GROSS_RETENTION, QUICK, PAYING)


def measure(moment: Moment, tally: Tally) -> None:
    """Add up MRR by plan now, and by what moved it in each window."""
    names = moment.facts.currencies
    for plan, currency in _pairs(moment):
        tally.add(MRR, (moment.plans[plan], names[currency]), 0)
    for number in moment.subscription_currencies:
        _Currency(moment, number, names[number]).measure(tally)


def _pairs(moment: Moment) -> list[list[int]]:
    """Plans (places) and currencies (numbers) ever seen together."""
    mentions = moment.facts.lives.mentions
    both = (mentions["at"] <= moment.as_of) & (mentions["plan"] >= 0) & (mentions["currency"] >= 0)
    plan = moment.plans.places(mentions["plan"][both])
    shape = len(moment.plans), len(moment.facts.currencies)
    pairs = np.ravel_multi_index((plan, mentions["currency"][both]), shape)
    return np.argwhere(np.bincount(pairs, minlength=prod(shape)).reshape(shape)).tolist()


class _Currency:
    """The paying stretches of one currency; its customers are numbered among themselves."""

    def __init__(self, moment: Moment, number: int, code: str) -> None:
        self.moment, self.paying, self.code = moment, moment.paying, code
        self.own = self.paying.currency == number
        customer, met = self.paying.customer[self.own], moment.facts.customers
        self.place = np.cumsum(present(customer, met)) - 1
        self.size = int(self.place[-1]) + 1
        self.first_at = np.full(self.size, NEVER)
        np.minimum.at(self.first_at, self.place[customer], self.paying.start[self.own])
        self.values: dict[int, np.ndarray] = {}

    def measure(self, tally: Tally) -> None:
        now = self.moment.as_of + 1
        tally.add(PAYING, (self.code,), np.count_nonzero(self.at(now)))
        alive, plans = self.alive(now), self.moment.plans
        paid = sums_by(self.paying.plan[alive], self.paying.annual[alive], len(plans))
        for plan in np.flatnonzero(paid).tolist():
            tally.add(MRR, (plans[plan], self.code), self.monthly(int(paid[plan])))
        for window in self.moment.windows:
            self.movements(window, tally)

    def movements(self, window: Window, tally: Tally) -> None:
        before, after = self.at(window.start), self.at(window.end)
        entered = (before == 0) & (after > 0)
        never = self.first_at >= window.start
        stayed = (before > 0) & (after > 0)
        changes = {
            "new": after[entered & never],
            "reactivation": after[entered & ~never],
            "expansion": (after - before)[stayed & (after > before)],
            "contraction": (before - after)[stayed & (after < before)],
            "churn": before[(before > 0) & (after == 0)],
        }
        tally.add(AT_START, (window.name, self.code), self.monthly(sum_of(before)))
        for kind, annual in changes.items():
            tally.add(MOVEMENT, (window.name, self.code, kind), self.monthly(sum_of(annual)))

    def at(self, boundary: int) -> np.ndarray:
        """The annual value of each customer at a boundary."""
        if boundary not in self.values:  # many windows end at the same one
            alive = self.alive(boundary)
            customer = self.place[self.paying.customer[alive]]
            self.values[boundary] = sums_by(customer, self.paying.annual[alive], self.size)
        return self.values[boundary]

    def alive(self, boundary: int) -> np.ndarray:
        """The stretches (rows) that hold at a boundary."""
        alive = self.paying.alive(boundary)
        own: np.ndarray = alive[self.own[alive]]
        return own

    def monthly(self, annual: int) -> Fraction:
        return Fraction(annual, 12 * self.paying.per_minor)


def figures(tally: Tally) -> Iterator[Figure]:
    """Money in major units, and the ratios that the movements give."""
    for metric in (MRR, AT_START):
        for labels, minor in tally[metric].items():
            yield metric.figure(labels, major(minor, labels[1]))
    for labels, minor in tally[MOVEMENT].items():
        yield MOVEMENT.figure(labels, major(minor, labels[1]))
    for labels, start in tally[AT_START].items():
        new, reactivation, expansion, contraction, churn = (
            tally.get(MOVEMENT, *labels, kind) for kind in KINDS
        )
        kept = start - contraction - churn
        yield NET_RETENTION.figure(labels, ratio(kept + expansion, start))
        yield GROSS_RETENTION.figure(labels, ratio(kept, start))
        yield QUICK.figure(labels, ratio(new + reactivation + expansion, contraction + churn))
