"""Every figure of definitions.md sections 1 to 5, and those of section 6 that are no estimates, recomputed
from the events of the contract by plain loops.

Deliberately naive and independent: nothing of `service` or `schemas` is imported, so that it can disagree.
"""

from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.oracle.channels import channel_figures, referral_figures, spend_of
from tests.oracle.cohorts import retained_figures
from tests.oracle.customers import (
    churn,
    customers_by_orders,
    customers_by_subscriptions,
    orders_sets,
    subscription_sets,
)
from tests.oracle.instants import HOUR, period
from tests.oracle.labels import Bound, Figures, Sheet
from tests.oracle.magnets import magnet_figures
from tests.oracle.orders import order_figures
from tests.oracle.people import gather
from tests.oracle.segments import segment_figures
from tests.oracle.subscriptions import subscription_figures
from tests.oracle.value import RANKINGS, value_figures

WINDOWS = (
    *("24h", "72h", "7d", "30d", "90d", "180d", "365d"),
    *("last_month", "last_quarter", "last_year"),
)
HORIZON_DAYS = 2_200


def recompute(
    events: list[dict],
    as_of: int,
    *,
    time_zone: str = "UTC",
    windows: tuple[str, ...] = WINDOWS,
    guarantee_hours: int = 336,
    margin: Fraction | int = 1,
    horizon_days: int = HORIZON_DAYS,
    label_limit: int = 50,
    currency_limit: int = 10,
    magnet_skus: int = 0,
    referral_ranks: bool = False,
) -> Figures:
    """(name with prefix, labels) -> figure at as_of (microseconds); None is a ratio without a denominator.

    `horizon_days` is accepted and without effect: what lies beyond the horizon depends on the order of
    arrival, so compare only businesses that lie within it or repeat and correct nothing beyond it.
    """
    people = gather(events, as_of)
    zone = ZoneInfo(time_zone)
    sheet = Sheet()
    plans = Bound((person.plans for person in people.values()), label_limit)
    channels = Bound(([p.channel] if p.channel else [] for p in people.values()), label_limit)
    spend = spend_of(events, as_of)
    currencies = Bound(
        (p.order_currencies | p.price_currencies for p in people.values()),
        currency_limit,
        others={currency for _, _, _, currency in spend},
    )
    periods = {window: period(window, as_of, zone) for window in windows}
    for window, span in periods.items():
        customers_by_orders(sheet, people, window, span)
        customers_by_subscriptions(sheet, people, window, span, plans)
    order_figures(sheet, people, periods, currencies, guarantee_hours)
    subscription_figures(sheet, people, periods, as_of, plans, currencies)
    year, quarter = period("365d", as_of, zone), period("90d", as_of, zone)
    churn_of_the_year = churn(*orders_sets(people, year))
    churn_of_90_days = churn(*subscription_sets(people, quarter))
    value_figures(
        sheet,
        people,
        as_of,
        year=year,
        churn_of_the_year=churn_of_the_year,
        churn_of_90_days=churn_of_90_days,
        margin=Fraction(margin),
        plans=plans,
        channels=channels,
        currencies=currencies,
        rankings=RANKINGS if referral_ranks else RANKINGS[:2],
    )
    channel_figures(sheet, people, spend, as_of, periods, Fraction(margin), channels, currencies)
    referral_figures(sheet, people, periods, currencies)
    segment_figures(sheet, people, as_of, year, zone)
    if magnet_skus:
        magnet_figures(sheet, people, magnet_skus, label_limit)
    return sheet.figures


def recompute_now(
    events: list[dict], as_of: int, *, time_zone: str = "UTC", windows: tuple[str, ...] = WINDOWS
) -> Figures:
    """As `recompute`, and the figures that are told of now alone: those of the latest cohorts."""
    sheet = Sheet()
    retained = retained_figures(gather(events, as_of), as_of, HORIZON_DAYS * 24 * HOUR, ZoneInfo(time_zone))
    for (basis, month, age), share in retained.items():
        sheet.put("cohort_retained_ratio", share, basis=basis, month=month, age=age)
    return {**recompute(events, as_of, time_zone=time_zone, windows=windows), **sheet.figures}
