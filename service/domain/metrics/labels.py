"""Bounded label values (definitions, section 8): the most used ones keep their names, the rest is `other`.

What counts is by how many customers a value was ever had, ties alphabetically. The view decides. A partition
passes on the 1,000 values most used in it, so the choice is exact as long as no partition has met more.
"""

from collections.abc import Collection, Mapping

import numpy as np

from service.domain.facts.names import NONE, Names
from service.domain.metrics.metric import Metric, internal
from service.domain.metrics.tally import Amount, Labels, Tally, distinct

OTHER, ABSENT = "other", "-"
PARTITION_LIMIT = 1000

PLANS = internal("customers_by_plan_ever", "plan")
CHANNELS = internal("customers_by_channel_ever", "channel")
CURRENCIES = internal("customers_by_currency_ever", "currency")
METRICS = (PLANS, CHANNELS, CURRENCIES)


class LabelSet:
    """The values of one label that a partition tells apart, each with a place in `names`."""

    def __init__(self, names: Names, counts: np.ndarray) -> None:
        """`counts`: by how many customers each value was had."""
        met = np.flatnonzero(counts)
        ever = {names[number]: int(counts[number]) for number in met.tolist()}
        kept = most_used(ever, PARTITION_LIMIT)
        self.names = sorted(kept) + [OTHER] * (len(kept) < len(ever))
        self.customers = {name: ever[name] for name in kept}
        places = {name: place for place, name in enumerate(self.names)}
        self._places = np.full(len(names) + 1, NONE, "i4")  # the last one is that of NONE
        self._places[met] = [places.get(names[number], len(self.names) - 1) for number in met.tolist()]

    @classmethod
    def met(cls, names: Names, customers: np.ndarray, numbers: np.ndarray) -> "LabelSet":
        """From rows of who ever had which value, repetitions allowed."""
        given = numbers != NONE
        size = int(customers.max(initial=0)) + 1
        pairs = distinct(numbers[given].astype("i8") * size + customers[given], len(names) * size)
        return cls(names, np.bincount(pairs // size))

    @classmethod
    def given(cls, names: Names, numbers: np.ndarray) -> "LabelSet":
        """From one value of each customer, or NONE."""
        return cls(names, np.bincount(numbers[numbers != NONE]))

    def places(self, numbers: np.ndarray) -> np.ndarray:
        """Label numbers as places in `names`; NONE stays NONE."""
        places: np.ndarray = self._places[numbers]
        return places

    def __getitem__(self, place: int) -> str:
        return ABSENT if place < 0 else self.names[place]

    def __len__(self) -> int:
        return len(self.names)


def most_used(customers: Mapping[str, Amount], limit: int) -> set[str]:
    """The `limit` labels with the most customers, ties alphabetically."""
    return set(sorted(customers, key=lambda name: (-customers[name], name))[:limit])


def bounded(tally: Tally, catalogue: Mapping[str, Metric], limits: Mapping[str, int]) -> Tally:
    """The tally with labels beyond the limits (by label name: plan, channel, currency) added up as `other`.

    Of currencies beyond the limit only counts remain: money of different currencies is never added.
    """
    kept: dict[str, Collection[str]] = {
        label: {*most_used({name: n for (name,), n in tally[metric].items()}, limits[label]), ABSENT}
        for label, metric in (("plan", PLANS), ("channel", CHANNELS), ("currency", CURRENCIES))
    }
    result = Tally()
    result.earliest = tally.earliest
    for name, sums in tally.sums.items():
        metric = catalogue[name]
        for labels, amount in sums.items():
            into = _bounded(labels, metric, kept)
            if metric.over_currencies or not _is_other(into, metric, "currency"):
                result.add(metric, into, amount)
    for name, rows in tally.moments.items():
        result.moments[name] = {
            labels: moments
            for labels, moments in rows.items()
            if _bounded(labels, catalogue[name], kept) == labels
        }
    return result


def _is_other(labels: Labels, metric: Metric, name: str) -> bool:
    return name in metric.labels and labels[metric.labels.index(name)] == OTHER


def _bounded(labels: Labels, metric: Metric, kept: Mapping[str, Collection[str]]) -> Labels:
    return tuple(
        value if name not in kept or value in kept[name] else OTHER
        for name, value in zip(metric.labels, labels, strict=True)
    )
