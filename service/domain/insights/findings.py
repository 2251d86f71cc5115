"""What a look at the facts finds of one customer. What of it is said depends on what was said before."""

from collections import defaultdict
from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from service.domain.metrics.customers import ORDERS, SUBSCRIPTION
from service.domain.metrics.thresholds import Thresholds


class Matter(IntEnum):
    """What there is to say something about. The numbers stand in the changelog."""

    CHURN_SUBSCRIPTION = 0
    CHURN_ORDERS = 1
    PAST_DUE = 2
    CANCELLATION_SCHEDULED = 3
    OVERDUE = 4
    PROBABILITY_ALIVE = 5
    SEGMENT = 6


CHURN = (Matter.CHURN_SUBSCRIPTION, Matter.CHURN_ORDERS)
GONE, BACK = 1, 0

WIRE: Mapping[Matter, str] = {
    Matter.CHURN_SUBSCRIPTION: SUBSCRIPTION,
    Matter.CHURN_ORDERS: ORDERS,
    Matter.PAST_DUE: "past_due",
    Matter.CANCELLATION_SCHEDULED: "cancellation_scheduled",
    Matter.OVERDUE: "overdue",
    Matter.PROBABILITY_ALIVE: "probability_alive",
}
"""What the contract calls them: bases of churn, and reasons of a risk."""


class Left(NamedTuple):
    """Of the last contract of somebody who is gone."""

    plan: str | None
    reason: str
    reason_class: str


class Contract(NamedTuple):
    """Of one that pays; where a cancellation is scheduled, the instant that it takes effect."""

    plan: str | None
    ends_at: int | None = None


class Silence(NamedTuple):
    """Since the instant of the last order."""

    last_order_at: int
    usual_days: float | None = None
    probability_alive: float | None = None


class Move(NamedTuple):
    """From one segment to another, by these thresholds."""

    before: str
    after: str
    thresholds: Thresholds


Details = Left | Contract | Silence | Move
"""Fields have the names of the contract; instants are microseconds since 1970."""


class Finding(NamedTuple):
    """Something that came about at the instant `at`. `value`: GONE (or at risk) or BACK; or the
    number of a segment. `run`: an instant that tells one time of risk from another, where `at` depends on
    models."""

    matter: Matter
    value: int
    at: int
    run: int
    details: Details | None = None


class State(NamedTuple):
    """How a matter stands at the time of the look, whatever came about; found only of customers who changed
    and of whom something has been said."""

    matter: Matter
    value: int


class Findings(defaultdict[int, list[Finding | State]]):
    """By number of the customer, in any order."""

    def __init__(self) -> None:
        super().__init__(list)
