"""Why customers churned (definitions, section 3, `reason`)."""

from collections.abc import Iterator

import numpy as np

from service.domain.facts.names import NONE
from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally
from service.domain.metrics.windows import Window

CLASSES = {
    "requested": "voluntary",
    "price": "voluntary",
    "product": "voluntary",
    "competitor": "voluntary",
    "unused": "voluntary",
    "service": "voluntary",
    "other": "voluntary",
    "paused": "voluntary",
    "free_plan": "voluntary",
    "payment_failed": "involuntary",
    "dispute": "involuntary",
    "refunded": "refunded",
    "erased": "erased",
    "unknown": "unknown",
}

BY_REASON = Metric(
    "customers_churned_by_reason",
    "Customers churned (basis subscription) by the reason of their last end.",
    ("window", "reason", "class"),
)
METRICS = (BY_REASON,)


def measure(moment: Moment, window: Window, churned: np.ndarray, tally: Tally) -> None:
    """Count the `churned` (a mask by customer) by reason."""
    partings, names = moment.facts.lives.partings, moment.facts.reasons
    rows = np.flatnonzero(window.holds(partings["at"]) & churned[partings["customer"]])
    # Ends go before stops, then the latest counts; of equal instants the first in fold order.
    order = rows[np.lexsort((-rows, partings["at"][rows], partings["ended"][rows]))]
    reason = np.full(moment.facts.customers, NONE, "i2")
    reason[partings["customer"][order]] = partings["reason"][order]  # the last assignment stays
    counts = np.bincount(reason[churned] - NONE)  # the first place is that of none
    for place in np.flatnonzero(counts).tolist():
        name = names[place + NONE] if place else "unknown"
        tally.add(BY_REASON, (window.name, name, CLASSES[name]), counts[place])


def figures(tally: Tally) -> Iterator[Figure]:
    """The counts above 0."""
    return (BY_REASON.figure(labels, int(count)) for labels, count in tally[BY_REASON].items())
