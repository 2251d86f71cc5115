"""What a look at the facts finds of one customer. What of it is said depends on what was said before."""

from collections import defaultdict
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple


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


class Finding(NamedTuple):
    """Something that came about at the instant `at`. `value`: 1 for churned or at risk, 0 for back again; or
    the number of a segment. `run`: an instant that tells one time of risk from another, where `at` depends
    on models. `told`: what else the event says."""

    matter: Matter
    value: int
    at: int
    run: int
    told: Mapping[str, Any]


class State(NamedTuple):
    """How a matter stands at the time of the look, whatever came about; found only of customers who changed
    and of whom something has been said."""

    matter: Matter
    value: int


class Findings(defaultdict[int, list[Finding | State]]):
    """By number of the customer, in any order."""

    def __init__(self) -> None:
        super().__init__(list)
