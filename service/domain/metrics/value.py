"""Lifetime value: realized, by formula, and as the lecture has it (definitions, section 6)."""

from collections.abc import Iterator
from itertools import accumulate

import numpy as np

from schemas.currencies import exponent
from service.domain.facts.names import NONE
from service.domain.metrics import customers, pareto, ranks, recurring, referral, revenue
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.labels import LabelSet
from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import major, mean, ratio
from service.domain.metrics.tally import Amount, Tally, sum_of, sums_by, total_by
from service.domain.metrics.windows import YEAR

REALIZED = Metric(
    "realized_ltv", "Customers by lifetime net revenue so far, major units.", ("currency",), "gaugehistogram"
)
REALIZED_MEAN = Metric(
    "realized_ltv_mean", "Lifetime net revenue / customers with an order, major units.", ("currency",)
)
BY_CHANNEL = Metric(
    "realized_ltv_mean_by_channel",
    "Lifetime net revenue / customers with an order, by channel of the customer, major units.",
    ("currency", "channel"),
)
BY_PLAN = Metric(
    "realized_ltv_mean_by_plan",
    "Lifetime net revenue / customers with an order, by first plan of the customer, major units.",
    ("currency", "plan"),
)
FORMULA = Metric(
    "formula_ltv", "MRR per paying customer x margin / monthly churn, major units.", ("currency",)
)
LECTURE = Metric(
    "lecture_ltv", "AOV x purchase frequency x expected years x margin over 365d, major units.", ("currency",)
)
REPEAT = Metric("repeat_customers_ratio", "Customers with 2 or more orders in their life / with 1 or more.")

BUCKETS = internal("realized_ltv_customers", "currency", "le")
NET = internal("realized_ltv_net", "currency")
CHANNEL_CUSTOMERS = internal("channel_ltv_customers", "currency", "channel")
CHANNEL_NET = internal("channel_ltv_net", "currency", "channel")
PLAN_CUSTOMERS = internal("plan_ltv_customers", "currency", "plan")
PLAN_NET = internal("plan_ltv_net", "currency", "plan")
ONCE = internal("customers_ordered")
AGAIN = internal("customers_ordered_again")
METRICS = (
    REALIZED, REALIZED_MEAN, BY_CHANNEL, BY_PLAN, FORMULA, LECTURE, REPEAT, BUCKETS, NET, CHANNEL_CUSTOMERS,
    CHANNEL_NET, PLAN_CUSTOMERS, PLAN_NET, ONCE, AGAIN, *pareto.METRICS,
    *ranks.METRICS,
)  # fmt: skip

BOUNDS = tuple(digit * 10**power for power in range(7) for digit in (1, 2, 5))
# As Prometheus writes floats, so that the labels are those of its own histograms.
LE = (*(f"{float(b)}" if b < 10**6 else f"{b // 10**6}e+06" for b in BOUNDS), "+Inf")


def measure(moment: Moment, tally: Tally) -> None:
    """Lifetime net revenue of every customer with an order, by currency; and who ordered again."""
    ordered = np.zeros(moment.facts.customers, "i8")
    for number in moment.order_currencies:
        code = moment.facts.currencies[number]
        orders, net = lifetimes(moment, number)
        ordered += orders
        who = np.flatnonzero(orders)
        net = net[who]
        brought = moment.brought[who] if moment.definitions.referral_ranks else None
        ranks.measure(orders[who], net, code, tally, brought)
        _histogram(net, code, tally)
        _by_label(net, moment.channel[who], moment.channels, (CHANNEL_CUSTOMERS, CHANNEL_NET), code, tally)
        _by_label(net, moment.first_plan[who], moment.plans, (PLAN_CUSTOMERS, PLAN_NET), code, tally)
        referral.measure_value(net, moment.referred[who], code, tally)
        pareto.measure(net, code, tally)
    tally.add(ONCE, (), np.count_nonzero(ordered >= 1))
    tally.add(AGAIN, (), np.count_nonzero(ordered >= 2))


def lifetimes(moment: Moment, number: int) -> tuple[np.ndarray, np.ndarray]:
    """How many orders each customer has in a currency, and net revenue, minor units."""
    bought, refunds = moment.orders.by_customer(number), moment.refunds.of(number)
    size, totals = moment.facts.customers, moment.facts.orders.folded
    old = totals["currency"] == number
    before = totals["customer"][old]
    orders = sums_by(before, totals["orders"][old], size).astype("i8")
    orders[bought.customer] += bought.orders
    net = total_by(
        size,
        (bought.customer, bought.minor),
        (refunds.customer, -refunds.minor),
        (before, totals["gross"][old]),
        (before, -totals["refunded"][old]),
    )
    return orders, net


def _histogram(net: np.ndarray, code: str, tally: Tally) -> None:
    tally.add(NET, (code,), sum_of(net))
    bounds = np.array([bound * 10 ** exponent(code) for bound in BOUNDS])
    counts = np.bincount(np.searchsorted(bounds, net), minlength=len(LE))
    for le, count in zip(LE, counts, strict=True):
        tally.add(BUCKETS, (code, le), count)


def _by_label(
    net: np.ndarray,
    label: np.ndarray,
    names: LabelSet,
    metrics: tuple[Metric, Metric],
    code: str,
    tally: Tally,
) -> None:
    place = label - NONE  # the first is that of none
    counts, sums = np.bincount(place), sums_by(place, net, len(names) - NONE)
    for number in np.flatnonzero(counts).tolist():
        tally.add(metrics[0], (code, names[number + NONE]), counts[number])
        tally.add(metrics[1], (code, names[number + NONE]), int(sums[number]))


def figures(tally: Tally, definitions: Definitions) -> Iterator[Figure]:
    """Means, the histogram, and the two estimates that are made of other figures."""
    for (code,), net in tally[NET].items():
        counts = [tally.get(BUCKETS, code, le) for le in LE]
        yield from _cumulated(code, counts)
        yield REALIZED.figure((code,), int(sum(counts)), "_gcount")
        yield REALIZED.figure((code,), major(net, code), "_gsum")
        yield REALIZED_MEAN.figure((code,), mean(net, sum(counts), code))
    for metric, number, net_by in (
        (BY_CHANNEL, CHANNEL_CUSTOMERS, CHANNEL_NET),
        (BY_PLAN, PLAN_CUSTOMERS, PLAN_NET),
    ):
        for labels, net in tally[net_by].items():
            yield metric.figure(labels, mean(net, tally.get(number, *labels), labels[0]))
    yield REPEAT.figure((), ratio(tally.get(AGAIN), tally.get(ONCE)))
    yield from _formula(tally, definitions)
    yield from _lecture(tally, definitions)
    currencies = [code for (code,) in tally[NET]]
    yield from pareto.figures(tally, currencies)
    yield from ranks.figures(tally, currencies, referral=definitions.referral_ranks)


def _cumulated(code: str, counts: list[Amount]) -> Iterator[Figure]:
    bucket = Metric(REALIZED.name, "", ("currency", "le"))
    for le, reached in zip(LE, accumulate(counts), strict=True):
        yield bucket.figure((code, le), int(reached), "_bucket")


def _formula(tally: Tally, definitions: Definitions) -> Iterator[Figure]:
    churn = _churn(tally, customers.SUBSCRIPTION, "90d")
    for (code,), paying in tally[recurring.PAYING].items():
        minor = sum(mrr for (_, currency), mrr in tally[recurring.MRR].items() if currency == code)
        per_head = mean(minor, paying, code)
        if not churn or per_head is None:
            yield FORMULA.figure((code,), None)
        else:
            monthly = 1 - (1 - churn) ** (30 / 90)
            yield FORMULA.figure((code,), per_head * float(definitions.margin) / monthly)


def _lecture(tally: Tally, definitions: Definitions) -> Iterator[Figure]:
    churn = _churn(tally, customers.ORDERS, YEAR)
    for (window, code), buyers in tally[revenue.BUYERS].items():
        if window != YEAR:
            continue
        gross = sum(tally.get(revenue.GROSS, window, code, customer) for customer in ("existing", "new"))
        per_buyer = mean(gross, buyers, code)  # AOV x purchase frequency
        value = None if not churn or per_buyer is None else per_buyer / churn * float(definitions.margin)
        yield LECTURE.figure((code,), value)


def _churn(tally: Tally, basis: str, window: str) -> float | None:
    churned, at_start = (
        customers.whole(tally, m, basis, window) for m in (customers.CHURNED, customers.AT_START)
    )
    return ratio(churned, at_start)
