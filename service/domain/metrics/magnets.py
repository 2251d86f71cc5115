"""Magnet products: what high spenders bought and others did not (definitions, section 6); off by default.

Who is a high spender is said by thresholds, which are those of an earlier view. Partitions may not go by the
same at first, so each counts by the last ones and by those before; what the view shows is counted by the
newest that all of them went by.
"""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from service.domain.facts.names import NONE
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.distribution import bucket_of
from service.domain.metrics.labels import PARTITION_LIMIT, most_used
from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.standing import BEST, WORST, Borders, Standing, scores_by
from service.domain.metrics.tally import Amount, Tally
from service.domain.metrics.thresholds import Thresholds
from service.domain.metrics.value import lifetimes

SHOWN = 20
LEAST_BUYERS = 30

LIFT = Metric(
    "magnet_lift",
    "Share of the best fifth of customers (by lifetime net revenue) who bought a product / share of the "
    "worst fifth who did: above 1 it draws high spenders. The 20 highest; off unless magnet_skus is set.",
    ("sku",),
)
BY_NET = internal("customers_by_main_net_bucket", "currency", "bucket")
PARTS = internal("magnet_partitions")
PARTS_BY = internal("magnet_partitions_by", "thresholds")
BUYERS = internal("magnet_buyers", "sku")
FIFTHS = internal("magnet_fifths", "thresholds")  # customers in the best one and in the worst
BUYERS_IN_FIFTHS = internal("magnet_buyers_in_fifths", "sku", "thresholds")
METRICS = (LIFT, BY_NET, PARTS, PARTS_BY, BUYERS, FIFTHS, BUYERS_IN_FIFTHS)


def measure(moment: Moment, tally: Tally) -> None:
    """Count customers and buyers, all of them and those in the best and in the worst fifth."""
    if not moment.definitions.magnet_skus:
        return
    main, bucket = _main(moment)
    for number in moment.order_currencies:
        buckets, counts = np.unique(bucket[main == number], return_counts=True)
        for one, customers in zip(buckets.tolist(), counts.tolist(), strict=True):
            tally.add(BY_NET, (moment.facts.currencies[number], str(one)), customers)
    tally.add(PARTS, (), 1)
    facts, names = moment.facts.skus.bought, moment.facts.skus.names()
    known = facts["at"] <= moment.as_of
    customer, sku = facts["customer"][known], facts["sku"][known]
    told = _told(np.bincount(sku, minlength=len(names)), names)
    for name, (_, buyers) in told.items():
        tally.add(BUYERS, (name,), buyers)
    for thresholds in moment.thresholds:
        by = str(thresholds.made_at)
        fifths = _fifths(moment, thresholds, main, bucket)
        tally.add(PARTS_BY, (by,), 1)
        tally.add_moments(FIFTHS, (by,), tuple(int(fifth.sum()) for fifth in fifths))
        numbers = [number for number, _ in told.values()]
        in_fifths = [np.bincount(sku[fifth[customer]], minlength=len(names))[numbers] for fifth in fifths]
        for name, best, worst in zip(told, *(counts.tolist() for counts in in_fifths), strict=True):
            tally.add_moments(BUYERS_IN_FIFTHS, (name, by), (best, worst))


def _main(moment: Moment) -> tuple[np.ndarray, np.ndarray]:
    """Each customer's main currency (a number; NONE without an order), and the bucket of the lifetime net
    revenue in it."""
    size, names = moment.facts.customers, moment.facts.currencies
    main, most, bucket = np.full(size, NONE), np.zeros(size, "i8"), np.zeros(size, "i8")
    for number in sorted(moment.order_currencies, key=names.__getitem__):
        orders, net = lifetimes(moment, number)
        more = orders > most
        main[more], most[more], bucket[more] = number, orders[more], bucket_of(net[more])
    return main, bucket


def _told(buyers: np.ndarray, names: list[str | None]) -> dict[str, tuple[int, int]]:
    """Number and buyers of the products that a partition passes on, by name."""
    found = {name: (n, int(buyers[n])) for n, name in enumerate(names) if name is not None and buyers[n]}
    kept = most_used({name: count for name, (_, count) in found.items()}, PARTITION_LIMIT)
    return {name: found[name] for name in sorted(kept)}


def _fifths(
    moment: Moment, thresholds: Thresholds, main: np.ndarray, bucket: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Masks by customer: who is in the best fifth of the main currency, and who in the worst."""
    best, worst = np.zeros(len(main), bool), np.zeros(len(main), bool)
    for number in moment.order_currencies:
        if (between := thresholds.net.get(moment.facts.currencies[number])) is not None:
            own = np.flatnonzero(main == number)
            scores = scores_by(between, bucket[own])
            best[own], worst[own] = scores == BEST, scores == WORST
    return best, worst


def borders(tally: Tally) -> dict[str, Borders]:
    """The borders between the scores of net revenue among the customers of each main currency."""
    customers: dict[str, dict[int, Amount]] = defaultdict(dict)
    for (code, bucket), number in tally[BY_NET].items():
        customers[code][int(bucket)] = number
    return {code: Standing(buckets).borders() for code, buckets in customers.items()}


def figures(tally: Tally, definitions: Definitions) -> Iterator[Figure]:
    """The highest lifts, of products with enough buyers; none before all partitions go by the same."""
    parts = tally.get(PARTS)
    common = [by for (by,), number in tally[PARTS_BY].items() if number == parts]
    if not common:
        return
    by = max(common, key=int)
    best, worst = tally.moments[FIFTHS.name][by,]
    lifts: dict[str, Fraction] = {}
    for (sku,), buyers in tally[BUYERS].items():
        if buyers >= LEAST_BUYERS and best and worst:
            of_best, of_worst = tally.moments[BUYERS_IN_FIFTHS.name].get((sku, by), (0, 0))
            lifts[sku] = Fraction(of_best + 1, best) / Fraction(of_worst + 1, worst)
    shown = min(SHOWN, definitions.label_limit)
    for sku in sorted(lifts, key=lambda sku: (-lifts[sku], sku))[:shown]:
        yield LIFT.figure((sku,), float(lifts[sku]))
