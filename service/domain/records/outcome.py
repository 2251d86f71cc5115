"""What can become of an event, and how much is kept of one customer."""

from dataclasses import dataclass
from enum import Enum

from service.domain import defaults


class Outcome(Enum):
    """What became of an event."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    ERASED = "erased"
    BEYOND_HORIZON = "beyond_horizon"
    LIMIT = "customer_limit"


@dataclass(frozen=True)
class Limits:
    """How much is kept of one customer. Further orders and transitions are refused, contacts not kept."""

    orders: int = defaults.CUSTOMER_ORDERS
    transitions: int = defaults.CUSTOMER_TRANSITIONS
    contacts: int = 2_000
