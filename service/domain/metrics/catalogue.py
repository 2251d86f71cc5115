"""Every metric there is, by name."""

from service.domain.metrics import (
    channels,
    cohorts,
    customers,
    labels,
    magnets,
    order_values,
    predicted,
    purchases,
    recurring,
    referral,
    revenue,
    segments,
    subscriptions,
    tenures,
    trials,
    value,
)
from service.domain.metrics.metric import PREFIX, Metric

FAMILIES = (
    customers,
    subscriptions,
    recurring,
    trials,
    revenue,
    value,
    channels,
    referral,
    segments,
    magnets,
    order_values,
    purchases,
    tenures,
    cohorts,
    predicted,
)

ALL: dict[str, Metric] = {metric.name: metric for family in (*FAMILIES, labels) for metric in family.METRICS}
"""Shown and internal ones, by their short names."""

CATALOGUE: dict[str, Metric] = {
    PREFIX + metric.name: metric for metric in ALL.values() if metric.kind != "internal"
}
"""Those that are shown, by their full names."""
