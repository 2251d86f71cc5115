"""What an operator may choose about insights."""

from dataclasses import dataclass
from fractions import Fraction

from schemas.instants import DAY
from service.domain import defaults


@dataclass(frozen=True)
class Rules:
    """See docs/insights.md."""

    days: int = defaults.INSIGHTS_DAYS  # what came about longer ago is not said any more
    lapse_days: int = defaults.INSIGHTS_LAPSE_DAYS  # without an order, and one has churned (basis orders)
    overdue: Fraction = defaults.INSIGHTS_OVERDUE  # times one's own mean distance between orders
    alive_below: float = defaults.INSIGHTS_ALIVE_BELOW

    @property
    def reach(self) -> int:
        """How far back something is said, in microseconds."""
        return self.days * DAY
