"""Retention by channel: which channels bring customers who stay (definitions, sections 3 and 8)."""

from collections.abc import Iterator

import numpy as np

from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import ratio
from service.domain.metrics.tally import Tally
from service.domain.metrics.windows import CHANNEL_WINDOWS, Window

_BY_CHANNEL = ("basis", "window", "channel")

RETENTION = Metric(
    "retention_ratio_by_channel",
    "Customers retained / customers at start, by channel of the customer.",
    _BY_CHANNEL,
)
AT_START = internal("channel_customers_at_start", *_BY_CHANNEL)
RETAINED = internal("channel_customers_retained", *_BY_CHANNEL)
METRICS = (RETENTION, AT_START, RETAINED)


def measure(
    moment: Moment, basis: str, window: Window, start: np.ndarray, end: np.ndarray, tally: Tally
) -> None:
    """Count who was active at the start of a window, and at its end too (masks by customer)."""
    if window.name in CHANNEL_WINDOWS:
        for metric, mask in ((AT_START, start), (RETAINED, start & end)):
            for channel, customers in moment.by_channel(mask):
                tally.add(metric, (basis, window.name, channel), customers)


def figures(tally: Tally) -> Iterator[Figure]:
    """The ratio for every channel that anybody has."""
    for labels, at_start in tally[AT_START].items():
        yield RETENTION.figure(labels, ratio(tally.get(RETAINED, *labels), at_start))
