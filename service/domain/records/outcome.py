"""What can become of an event, and how much is kept of one customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from service.domain import defaults

E = TypeVar("E")


class Outcome(Enum):
    """What became of an event."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    ERASED = "erased"
    BEYOND_HORIZON = "beyond_horizon"
    LIMIT = "customer_limit"


def all_applied(outcomes: Sequence[Outcome]) -> bool:
    """Whether nothing else happened. An outcome is found equal at once and unequal slowly: so this is a tenth
    of looking for any other."""
    return outcomes.count(Outcome.APPLIED) == len(outcomes)


def applied(events: Sequence[E], outcomes: Sequence[Outcome]) -> Sequence[E]:
    """The events that were not refused."""
    if all_applied(outcomes) or Outcome.LIMIT not in outcomes:
        return events
    return [event for event, outcome in zip(events, outcomes, strict=True) if outcome is not Outcome.LIMIT]


@dataclass(frozen=True)
class Limits:
    """How much is kept of one customer. Further orders and transitions are refused, contacts and products not
    kept."""

    orders: int = defaults.CUSTOMER_ORDERS
    transitions: int = defaults.CUSTOMER_TRANSITIONS
    contacts: int = 2_000
    skus: int = defaults.MAGNET_SKUS
