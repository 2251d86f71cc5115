"""What may change from outside while the business goes on: the churn knob, and whatever a scenario does."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True)
class Conditions:
    """How things stand now; the defaults are the usual.

    `luck` decides about what is not usual. It is apart from the dice of the world, so that the same seed
    tells the same story until the unusual begins.
    """

    luck: Random
    churn: float = 1.0  # times as many people as usual decide to leave, 0 to MAX_CHURN
    failing: float = 0.0  # share of the charges that fail beyond the usual
    refunding: float = 0.0  # share of the orders that are refunded beyond the usual
    # by channel: times the usual spend, beyond it
    spending: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def strikes(self, share: float) -> bool:
        """Whether something unusual that happens to this share happens now."""
        return share > 0 and self.luck.random() < share
