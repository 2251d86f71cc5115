"""What separates the better customers from the others, as a view found it: the borders between scores.

A score is a place among all customers, and only a view knows all. What a partition says of one customer it
says by the thresholds of an earlier view: all partitions by the same, so that what they say fits together.
"""

from msgspec import Struct
from msgspec.structs import replace

from service.domain.metrics.standing import Borders


class Thresholds(Struct, array_like=True, frozen=True):
    """The borders between the scores of a view. Instants are microseconds since 1970."""

    made_at: int  # wall clock: no two thresholds have the same
    as_of: int  # of the view
    recency: Borders  # of days since the last order, below zero: the fewer, the better
    frequency: Borders  # of orders in the last 365 days
    # Of lifetime net revenue, in buckets, by main currency; where it is asked for.
    net: dict[str, Borders] = {}

    def same_borders(self, other: "Thresholds") -> bool:
        """Whether nothing but the view is another."""
        return replace(self, made_at=other.made_at, as_of=other.as_of) == other
