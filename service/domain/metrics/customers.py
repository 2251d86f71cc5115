"""Customers gained, kept and lost in a window (definitions, section 3), in both bases."""

from collections.abc import Iterator
from math import sqrt

import numpy as np

from schemas.instants import SECOND
from service.domain.facts.names import NONE
from service.domain.metrics import loyalty, reasons
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import ratio
from service.domain.metrics.tally import Tally, first_value
from service.domain.metrics.windows import Window, resolve
from service.domain.records.customer import EVER, NEVER

ORDERS, SUBSCRIPTION = "orders", "subscription"
BASES = (ORDERS, SUBSCRIPTION)

_BY_PLAN = ("basis", "window", "plan")
_BY_WINDOW = ("basis", "window")

AT_START = Metric("customers_at_start", "Customers active at the start of the window.", _BY_PLAN)
AT_END = Metric("customers_at_end", "Customers active at the end of the window.", _BY_PLAN)
RETAINED = Metric("customers_retained", "Customers active at the start and at the end.", _BY_PLAN)
CHURNED = Metric("customers_churned", "Customers active at the start and no longer at the end.", _BY_PLAN)
NEW = Metric(
    "customers_new", "Customers active at the end whose first activity ever lies in the window.", _BY_PLAN
)
REACTIVATED = Metric(
    "customers_reactivated", "Customers active at the end who had left before the start.", _BY_PLAN
)
TRANSIENT = Metric(
    "customers_transient",
    "Customers who began to pay in the window and stopped before its end.",
    ("window", "plan"),
)
CHURN = Metric("churn_ratio", "Customers churned / customers at start.", _BY_WINDOW)
RETENTION = Metric("retention_ratio", "Customers retained / customers at start.", _BY_WINDOW)
CHURN_STRIPE = Metric(
    "churn_ratio_stripe",
    "(Churned + transient) / (at start + new + transient), as Stripe counts.",
    _BY_WINDOW,
)
CHURN_LOWER = Metric("churn_ratio_lower", "Lower bound of churn: 95 % Wilson score interval.", _BY_WINDOW)
CHURN_UPPER = Metric("churn_ratio_upper", "Upper bound of churn: 95 % Wilson score interval.", _BY_WINDOW)
REPLACEMENT = Metric(
    "net_replacement_ratio", "(New + reactivated) / churned; below 1 the base shrinks.", _BY_WINDOW
)
COVERED = Metric(
    "window_covered", "1 if the business is older than the window needs it to be, else 0.", _BY_WINDOW
)
LENGTH = Metric(
    "window_seconds",
    "Length of the window: days begin at local midnight, so 7d holds six days and what has passed of today.",
    ("window",),
)

COUNTS = (AT_START, AT_END, RETAINED, CHURNED, NEW, REACTIVATED)
METRICS = (
    *COUNTS, TRANSIENT, CHURN, RETENTION, CHURN_STRIPE, CHURN_LOWER, CHURN_UPPER, REPLACEMENT, COVERED,
    LENGTH, *reasons.METRICS, *loyalty.METRICS,
)  # fmt: skip

Z_95 = 1.959963984540054


def measure(moment: Moment, tally: Tally) -> None:
    """Count customers by what they did in each window."""
    for basis, first_at in ((ORDERS, moment.orders.first_at), (SUBSCRIPTION, moment.paying.first_at)):
        if (first := int(first_at.min(initial=NEVER))) <= moment.as_of:
            tally.first(basis, first)
    for window in moment.windows:
        _by_orders(moment, window, tally)
        _by_subscriptions(moment, window, tally)


def _by_orders(moment: Moment, window: Window, tally: Tally) -> None:
    orders = moment.orders
    start = orders.active(window.previous, window.start)
    end = orders.active(window.start, window.end)
    came = orders.first_at >= window.start
    for metric, mask in zip(COUNTS, _movements(start, end, came), strict=True):
        tally.add(metric, (ORDERS, window.name, "-"), np.count_nonzero(mask))
    loyalty.measure(moment, ORDERS, window, start, end, tally)


def _by_subscriptions(moment: Moment, window: Window, tally: Tally) -> None:
    paying = moment.paying
    plan_at_start, plan_at_end = paying.plan_at(window.start), paying.plan_at(window.end)
    start, end = plan_at_start != NONE, plan_at_end != NONE
    came = paying.first_at >= window.start
    masks = _movements(start, end, came)
    plans = (plan_at_start, plan_at_end, plan_at_start, plan_at_start, plan_at_end, plan_at_end)
    for metric, mask, plan in zip(COUNTS, masks, plans, strict=True):
        tally.count(metric, plan[mask], moment.plans.names, before=(SUBSCRIPTION, window.name))
    transient = came & (paying.first_at < window.end) & ~end
    last_plan = _last_plan(moment, window, transient)
    tally.count(TRANSIENT, last_plan[transient], moment.plans.names, before=(window.name,))
    reasons.measure(moment, window, start & ~end, tally)
    loyalty.measure(moment, SUBSCRIPTION, window, start, end, tally)


def _movements(start: np.ndarray, end: np.ndarray, came: np.ndarray) -> tuple[np.ndarray, ...]:
    """Masks in the order of COUNTS; `came`: whose first activity ever is not before the window."""
    entered = end & ~start
    return start, end, start & end, start & ~end, entered & came, entered & ~came


def _last_plan(moment: Moment, window: Window, who: np.ndarray) -> np.ndarray:
    """The plan at the last paying instant before the window's end, of the customers under a mask."""
    paying, size = moment.paying, moment.facts.customers
    rows = np.flatnonzero((paying.start < window.end) & who[paying.customer])
    customer, end = paying.customer[rows], paying.end[rows]
    last = np.full(size, EVER)
    np.maximum.at(last, customer, end)
    at_last = end == last[customer]
    return first_value(customer[at_last], paying.plan[rows][at_last], size, NONE)


def figures(tally: Tally, definitions: Definitions, as_of: int) -> Iterator[Figure]:
    """Counts as they are, and the ratios between their sums over all plans."""
    for metric in (*COUNTS, TRANSIENT):
        yield from (metric.figure(labels, int(value)) for labels, value in tally[metric].items())
    windows = [resolve(name, as_of, definitions.time_zone) for name in definitions.measured_windows]
    yield from (LENGTH.figure((window.name,), window.length / SECOND) for window in windows)
    for basis in BASES:
        for window in windows:
            yield from _ratios(tally, basis, window.name)
            yield COVERED.figure((basis, window.name), int(covered(tally, basis, window)))
    yield from reasons.figures(tally)
    yield from loyalty.figures(tally)


def _ratios(tally: Tally, basis: str, window: str) -> Iterator[Figure]:
    at_start, retained, churned = (
        whole(tally, metric, basis, window) for metric in (AT_START, RETAINED, CHURNED)
    )
    new, reactivated = (whole(tally, metric, basis, window) for metric in (NEW, REACTIVATED))
    transient = (
        sum(int(n) for (w, _), n in tally[TRANSIENT].items() if w == window) if basis == SUBSCRIPTION else 0
    )
    lower, upper = wilson(churned, at_start) or (None, None)
    labels = (basis, window)
    yield CHURN.figure(labels, ratio(churned, at_start))
    yield RETENTION.figure(labels, ratio(retained, at_start))
    yield CHURN_STRIPE.figure(labels, ratio(churned + transient, at_start + new + transient))
    yield CHURN_LOWER.figure(labels, lower)
    yield CHURN_UPPER.figure(labels, upper)
    yield REPLACEMENT.figure(labels, ratio(new + reactivated, churned))


def covered(tally: Tally, basis: str, window: Window) -> bool:
    """Whether the business is old enough for what compares the window with what was before it."""
    needed = window.previous_opens if basis == ORDERS else window.opens
    return tally.earliest.get(basis, NEVER) <= needed


def whole(tally: Tally, metric: Metric, basis: str, window: str) -> int:
    """A count over all plans."""
    return sum(int(n) for (b, w, _), n in tally[metric].items() if (b, w) == (basis, window))


def wilson(successes: int, trials: int) -> tuple[float, float] | None:
    """The 95 % score interval of a proportion (Wilson 1927); None without trials."""
    if trials == 0:
        return None
    share, z2 = successes / trials, Z_95**2
    middle = share + z2 / (2 * trials)
    spread = Z_95 * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    lower, upper = (middle - spread) / (1 + z2 / trials), (middle + spread) / (1 + z2 / trials)
    return (0.0 if successes == 0 else lower), (1.0 if successes == trials else upper)
