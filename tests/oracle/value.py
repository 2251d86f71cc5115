"""Realized, formula and lecture LTV and Pareto shares (definitions.md section 6)."""

import math
from bisect import bisect_left
from collections import defaultdict
from fractions import Fraction
from itertools import permutations

from tests.oracle.labels import Bound, Sheet, Value, ratio
from tests.oracle.money import minor_units
from tests.oracle.people import Person

RANKINGS = ("frequency", "revenue", "referral")
MOST = 1_000  # orders or referrals; more count as so many
BOUNDS = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
NAMES_OF_BOUNDS = (
    *("1.0", "2.0", "5.0", "10.0", "20.0", "50.0", "100.0", "200.0", "500.0"),
    *("1000.0", "2000.0", "5000.0", "10000.0", "20000.0", "50000.0"),
    *("100000.0", "200000.0", "500000.0", "1e+06", "2e+06", "5e+06"),
)


def value_figures(
    sheet: Sheet,
    people: dict[str, Person],
    as_of: int,
    *,
    year: tuple[int, int, int],
    churn_of_the_year: Value,
    churn_of_90_days: Value,
    margin: Fraction,
    plans: Bound,
    channels: Bound,
    currencies: Bound,
    rankings: tuple[str, ...],
) -> None:
    """`year` is the period of 365d; both churns are shares of all customers, in their own basis."""
    for currency in sorted({c for p in people.values() for c in p.order_currencies if c in currencies.kept}):
        buyers = [(p.net_revenue()[currency], p) for p in people.values() if currency in p.net_revenue()]
        _realized(sheet, buyers, currency, plans, channels)
        _pareto(sheet, [net for net, _ in buyers], currency)
        _uneven(sheet, buyers, currency, rankings)
        lecture = _lecture(people, currency, year, churn_of_the_year, margin)
        sheet.put("lecture_ltv", lecture, currency=currency)
    for currency in sorted({c for p in people.values() for c in p.price_currencies if c in currencies.kept}):
        formula = _formula(people, as_of, currency, churn_of_90_days, margin)
        sheet.put("formula_ltv", formula, currency=currency)


def _realized(
    sheet: Sheet, buyers: list[tuple[Fraction, Person]], currency: str, plans: Bound, channels: Bound
) -> None:
    values = [net for net, _ in buyers]
    for bound, name in zip(BOUNDS, NAMES_OF_BOUNDS, strict=True):
        within = len([value for value in values if value <= bound])
        sheet.put("realized_ltv_bucket", within, currency=currency, le=name)
    sheet.put("realized_ltv_bucket", len(values), currency=currency, le="+Inf")
    sheet.put("realized_ltv_gcount", len(values), currency=currency)
    sheet.put("realized_ltv_gsum", sum(values), currency=currency)
    sheet.put("realized_ltv_mean", ratio(sum(values), len(values)), currency=currency)
    by_channel, by_plan = defaultdict(list), defaultdict(list)
    for net, person in buyers:
        by_channel[channels(person.channel or "-")].append(net)
        by_plan[plans(person.first_plan)].append(net)
    for channel, own in by_channel.items():
        mean = ratio(sum(own), len(own))
        sheet.put("realized_ltv_mean_by_channel", mean, currency=currency, channel=channel)
    for plan, own in by_plan.items():
        sheet.put("realized_ltv_mean_by_plan", ratio(sum(own), len(own)), currency=currency, plan=plan)


def _pareto(sheet: Sheet, values: list[Fraction], currency: str) -> None:
    total, number = sum(values), len(values)
    share: Value = None
    customers: Value = None
    if total > 0:
        ranked = sorted(values, reverse=True)
        share = Fraction(sum(ranked[: -(-number // 5)])) / total
        so_far, needed = Fraction(0), 0
        while so_far < total * Fraction(4, 5):
            so_far += ranked[needed]
            needed += 1
        customers = Fraction(needed, number)
    sheet.put("pareto_revenue_share", share, currency=currency)
    sheet.put("pareto_customer_share", customers, currency=currency)


def _uneven(
    sheet: Sheet, buyers: list[tuple[Fraction, Person]], currency: str, rankings: tuple[str, ...]
) -> None:
    """Who leads in one ranking and lags in another."""
    values: dict[str, list[Fraction | int]] = {
        "frequency": [min(len([o for o in p.orders if o.currency == currency]), MOST) for _, p in buyers],
        "revenue": [net for net, _ in buyers],
        "referral": [min(p.brought, MOST) for _, p in buyers],
    }
    for best, worst in permutations(rankings, 2):
        pair = {name: values[name] for name in (best, worst)}
        if "revenue" in pair and len(set(zip(*pair.values(), strict=True))) > 4_096:
            pair["revenue"] = [hundredths(net * minor_units(currency)) for net, _ in buyers]
        better, other = sorted(pair[best]), sorted(pair[worst])
        both = [
            1
            for one, two in zip(pair[best], pair[worst], strict=True)
            if 5 * bisect_left(better, one) >= 4 * len(buyers)
            and 5 * bisect_left(other, two) < 2 * len(buyers)
        ]
        sheet.put("customers_leading_and_lagging", len(both), currency=currency, leads_in=best, lags_in=worst)


def hundredths(minor: Fraction) -> int:
    """How many times 1 per cent can be added to 1 until this is passed, counted from 1; losses below 0."""
    if abs(minor) < 1:
        return 0
    steps = int(math.log(abs(minor)) / math.log(1.01)) - 2
    while Fraction(101, 100) ** (steps + 1) <= abs(minor):
        steps += 1
    return (1 + steps) * (1 if minor > 0 else -1)


def _lecture(
    people: dict[str, Person], currency: str, year: tuple[int, int, int], churn: Value, margin: Fraction
) -> Value:
    """AOV x purchase frequency x (1 / churn) x margin."""
    _, start, end = year
    placed = [
        [order.amount for order in p.orders if order.currency == currency and start <= order.at < end]
        for p in people.values()
    ]
    buyers = [amounts for amounts in placed if amounts]
    orders = sum(len(amounts) for amounts in buyers)
    if not orders or not churn:
        return None
    aov = Fraction(sum(sum(amounts) for amounts in buyers)) / orders
    return aov * Fraction(orders, len(buyers)) / churn * margin


def _formula(people: dict[str, Person], as_of: int, currency: str, churn: Value, margin: Fraction) -> Value:
    """MRR of a paying customer x margin / monthly churn."""
    mrr = [p.mrr_at(as_of)[currency] for p in people.values() if currency in p.mrr_at(as_of)]
    if not mrr or not churn:
        return None
    monthly = 1.0 if churn == 1 else -math.expm1(math.log1p(-float(churn)) / 3)
    return float(sum(mrr) / len(mrr) * margin) / monthly
