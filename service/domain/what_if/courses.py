"""Twelve months on, at the present course and with something changed (definitions, section 6).

Arithmetic on figures of the past, under the assumptions that are handed out with the result.
"""

from collections.abc import Iterator
from fractions import Fraction

from schemas.currencies import exponent
from service.domain.metrics import Definitions, Summary, customers, order_values, recurring, revenue, value
from service.domain.metrics.ratio import major, ratio
from service.domain.metrics.tally import Tally
from service.domain.metrics.view import bounded_tally
from service.domain.metrics.windows import Window, resolve
from service.domain.what_if.question import Question
from service.domain.what_if.result import (
    EVERYWHERE,
    OF_ORDERS,
    OF_SUBSCRIPTIONS,
    Answer,
    Change,
    Course,
    MinimumOrder,
    Money,
    PriceChange,
)

MONTHS = 12
QUARTER, YEAR = "90d", "365d"
MONTHS_OF_QUARTER = 3


def answer(summary: Summary, definitions: Definitions, question: Question) -> Answer:
    """The course of the business with and without the change, from a summary of all partitions.

    Raises:
        ValueError: there is no such plan, or no order in that currency.
    """
    tally = bounded_tally(summary, definitions)
    minimum = _minimum_order(tally, question)
    prices = tuple(_price_changes(tally, question))
    margin = float(definitions.margin)
    kept = {
        basis: _retention(tally, basis, resolve(window, summary.as_of, definitions.time_zone))
        for basis, window in ((customers.SUBSCRIPTION, QUARTER), (customers.ORDERS, YEAR))
    }
    courses = (
        _subscriptions(tally, question, kept[customers.SUBSCRIPTION], margin),
        _orders(tally, question, kept[customers.ORDERS], minimum, margin),
    )
    return Answer(question, courses, minimum, prices, EVERYWHERE)


def _retention(tally: Tally, basis: str, window: Window) -> float | None:
    """Over the window, of a business that is old enough to have one: a younger one looks too loyal."""
    at_start, retained = (
        customers.whole(tally, count, basis, window.name)
        for count in (customers.AT_START, customers.RETAINED)
    )
    return ratio(retained, at_start) if customers.covered(tally, basis, window) else None


def _raised(share: float | None, points: float) -> float | None:
    return None if share is None else min(1.0, max(0.0, share + points / 100))


def _orders(
    tally: Tally, question: Question, retention: float | None, minimum: MinimumOrder | None, margin: float
) -> Course:
    now, came = _counts(tally, customers.ORDERS, YEAR)
    changed = _raised(retention, question.retention_points)
    after = [None if share is None else now * share + came for share in (retention, changed)]
    money = []
    for (code,) in sorted(tally[value.NET]):
        gross = sum(tally.get(revenue.GROSS, YEAR, code, customer) for customer in ("existing", "new"))
        net = major(gross - tally.get(revenue.REFUNDED, YEAR, code), code)
        factor = 1 + question.aov_percent / 100
        if minimum is not None and minimum.currency == code:
            before, with_minimum = (
                minimum.average_order_value.present_course,
                minimum.average_order_value.what_if,
            )
            factor *= with_minimum / before if before and with_minimum else 1
        course = [None if n is None or not now else net * n / now for n in after]
        money.append(_money(code, course[0], None if course[1] is None else course[1] * factor, margin))
    return Course(customers.ORDERS, now, Change(retention, changed), Change(*after), tuple(money), OF_ORDERS)


def _subscriptions(tally: Tally, question: Question, kept: float | None, margin: float) -> Course:
    now, came = _counts(tally, customers.SUBSCRIPTION, QUARTER)
    retention = None if kept is None else kept ** (MONTHS / MONTHS_OF_QUARTER)
    changed = _raised(retention, question.retention_points)
    monthly = [None if share is None else share ** (1 / MONTHS) for share in (retention, changed)]
    arriving = came / MONTHS_OF_QUARTER
    after = [None if share is None else _course(now, arriving, share)[MONTHS] for share in monthly]
    money = []
    for (code,) in sorted(tally[recurring.PAYING]):
        plans = {
            plan: float(mrr) for (plan, currency), mrr in tally[recurring.MRR].items() if currency == code
        }
        moved = (tally.get(recurring.MOVEMENT, QUARTER, code, kind) for kind in ("new", "reactivation"))
        mrr, more = sum(plans.values()), float(sum(moved)) / MONTHS_OF_QUARTER
        share = plans.get(question.plan or "", 0.0) / mrr if mrr else 0.0
        factors = (1.0, 1 + share * (question.price_percent or 0) / 100)
        present, other = (
            None if stay is None else sum(_course(mrr, more, stay)[:MONTHS]) * factor / 10 ** exponent(code)
            for stay, factor in zip(monthly, factors, strict=True)
        )
        money.append(_money(code, present, other, margin))
    return Course(
        customers.SUBSCRIPTION,
        now,
        Change(retention, changed),
        Change(*after),
        tuple(money),
        OF_SUBSCRIPTIONS,
    )


def _counts(tally: Tally, basis: str, window: str) -> tuple[int, int]:
    """Customers at the end of a window, and how many of them came in it: new or reactivated."""
    counts = (customers.AT_END, customers.NEW, customers.REACTIVATED)
    at_end, new, back = (customers.whole(tally, count, basis, window) for count in counts)
    return at_end, new + back


def _course(now: float, arriving: float, staying: float) -> list[float]:
    """A stock today and after each of 12 months, of which a share stays and to which as much comes."""
    course = [float(now)]
    for _ in range(MONTHS):
        course.append(course[-1] * staying + arriving)
    return course


def _money(code: str, present: float | None, changed: float | None, margin: float) -> Money:
    profits = [None if amount is None else amount * margin for amount in (present, changed)]
    return Money(code, Change(present, changed), Change(*profits))


def _minimum_order(tally: Tally, question: Question) -> MinimumOrder | None:
    if question.minimum_order is None or question.currency is None:
        return None
    code = question.currency
    runs = list(order_values.ORDERS.runs(tally, code))
    orders = sum(count for _, count in runs)
    if not orders:
        raise ValueError(f"currency: there is no order in {code!r} in the last 365 days")
    minimum = Fraction(question.minimum_order) * 10 ** exponent(code)
    below = [(amount, count) for amount, count in runs if amount < minimum]
    number, worth = sum(count for _, count in below), sum(amount * count for amount, count in below)
    gross = sum(amount * count for amount, count in runs)
    raised = gross - worth + minimum * number
    return MinimumOrder(
        code,
        orders,
        number,
        Change(major(Fraction(gross) / orders, code), major(Fraction(raised) / orders, code)),
        float(1 - worth / (minimum * number)) if number else None,
    )


def _price_changes(tally: Tally, question: Question) -> Iterator[PriceChange]:
    if question.plan is None or question.price_percent is None:
        return
    rows = {code: mrr for (plan, code), mrr in tally[recurring.MRR].items() if plan == question.plan}
    if not rows:
        raise ValueError(f"plan: nobody ever had a plan {question.plan!r}")
    for code, mrr in sorted(rows.items()):
        more = question.price_percent / 100
        now = major(mrr, code)
        yield PriceChange(
            question.plan, code, Change(now, now * (1 + more)), more / (1 + more) if more > 0 else None
        )
