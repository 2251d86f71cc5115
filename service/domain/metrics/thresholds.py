"""What separates the better customers from the others, as a view found it: the borders between scores.

A score is a place among all customers, and only a view knows all. What a partition says of one customer it
says by the thresholds of an earlier view: all partitions by the same, so that what they say fits together.
"""

from msgspec import Struct
from msgspec.structs import replace

from service.domain.metrics.segments import segment
from service.domain.metrics.standing import MOST_ORDERS, Borders, score_by


class Thresholds(Struct, array_like=True, frozen=True):
    """The borders between the scores of a view. Instants are microseconds since 1970."""

    made_at: int  # wall clock: no two thresholds have the same
    as_of: int  # of the view
    recency: Borders  # of days since the last order, below zero: the fewer, the better
    frequency: Borders  # of orders in the last 365 days
    net: dict[
        str, Borders
    ] = {}  # of lifetime net revenue, in buckets, by main currency; where it is asked for

    def segment(self, days_ago: int, orders: int) -> str:
        """The RFM segment of a customer who last ordered so many days ago, and so often in the last year."""
        frequency = score_by(self.frequency, min(orders, MOST_ORDERS))
        return segment(score_by(self.recency, -days_ago), frequency)

    def same_borders(self, other: "Thresholds") -> bool:
        """Whether nothing but the view is another."""
        return replace(self, made_at=other.made_at, as_of=other.as_of) == other
