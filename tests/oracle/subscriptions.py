"""Subscriptions now, MRR and its movements, failures of payment, trials, free to paid (section 4)."""

from collections import Counter, defaultdict
from fractions import Fraction

from tests.oracle.labels import Bound, Sheet, ratio
from tests.oracle.people import Person

Periods = dict[str, tuple[int, int, int]]
KINDS = ("new", "reactivation", "expansion", "contraction", "churn")


def subscription_figures(
    sheet: Sheet,
    people: dict[str, Person],
    periods: Periods,
    as_of: int,
    plans: Bound,
    currencies: Bound,
) -> None:
    _now(sheet, people, as_of, plans, currencies)
    seen = sorted({c for person in people.values() for c in person.price_currencies if c in currencies.kept})
    for window, (_, start, end) in periods.items():
        for currency in seen:
            _movements(sheet, people, window, start, end, currency)
        _failures(sheet, people, window, start, end, plans)
        _trials(sheet, people, window, start, end)
        _free_to_paid(sheet, people, window, start, end)


def _now(sheet: Sheet, people: dict[str, Person], as_of: int, plans: Bound, currencies: Bound) -> None:
    for plan in plans.labels():
        sheet.put("subscriptions_scheduled_to_cancel", 0, plan=plan)
        for status in ("trialing", "active", "past_due", "paused"):
            sheet.put("subscriptions", 0, plan=plan, status=status)
    for person in people.values():
        for plan, currency in person.pairs:
            if currency in currencies.kept:
                sheet.add("mrr", 0, plan=plans(plan), currency=currency)
        for life in person.lives.values():
            state = life.at(as_of)
            if state is None or state.status is None:
                continue
            sheet.add("subscriptions", 1, plan=plans(state.plan), status=state.status)
            if state.scheduled:
                sheet.add("subscriptions_scheduled_to_cancel", 1, plan=plans(state.plan))
            if state.paying and state.currency in currencies.kept:
                sheet.add("mrr", state.mrr, plan=plans(state.plan), currency=state.currency)


def _movements(
    sheet: Sheet, people: dict[str, Person], window: str, start: int, end: int, currency: str
) -> None:
    moved: dict[str, Fraction] = defaultdict(Fraction)
    at_start = kept = gross_kept = Fraction(0)
    for person in people.values():
        if not person.lives:
            continue
        m0 = person.mrr_at(start - 1).get(currency, Fraction(0))
        m1 = person.mrr_at(end - 1).get(currency, Fraction(0))
        at_start += m0
        if m0 > 0:
            kept += m1
            gross_kept += min(m0, m1)
        if m0 == 0 < m1:
            known = person.first_paying(currency) < start
            moved["reactivation" if known else "new"] += m1
        elif m1 == 0 < m0:
            moved["churn"] += m0
        elif m1 > m0:
            moved["expansion"] += m1 - m0
        elif m1 < m0:
            moved["contraction"] += m0 - m1
    labels = {"window": window, "currency": currency}
    sheet.put("mrr_at_start", at_start, **labels)
    for kind in KINDS:
        sheet.put("mrr_movement", moved[kind], kind=kind, **labels)
    sheet.put("net_revenue_retention_ratio", ratio(kept, at_start), **labels)
    sheet.put("gross_revenue_retention_ratio", ratio(gross_kept, at_start), **labels)
    gained = moved["new"] + moved["reactivation"] + moved["expansion"]
    sheet.put("quick_ratio", ratio(gained, moved["contraction"] + moved["churn"]), **labels)


def _failures(
    sheet: Sheet, people: dict[str, Person], window: str, start: int, end: int, plans: Bound
) -> None:
    count: Counter[str] = Counter()
    for person in people.values():
        for life in person.lives.values():
            count.update(plans(plan) for at, plan in life.failures if start <= at < end)
    for plan in plans.labels():
        sheet.put("payment_failures", count[plan], window=window, plan=plan)


def _trials(sheet: Sheet, people: dict[str, Person], window: str, start: int, end: int) -> None:
    trials = [
        trial
        for person in people.values()
        for life in person.lives.values()
        for trial in life.trials
        if start <= trial.end < end
    ]
    converted = len([trial for trial in trials if trial.converted])
    sheet.put("trials_ended", len(trials), window=window)
    sheet.put("trials_converted", converted, window=window)
    sheet.put("trial_conversion_ratio", ratio(converted, len(trials)), window=window)


def _free_to_paid(sheet: Sheet, people: dict[str, Person], window: str, start: int, end: int) -> None:
    signups = paying = 0
    for person in people.values():
        if person.signed_up is not None and start <= person.signed_up < end:
            signups += 1
            first = person.first_paying()
            paying += first is not None and first < end
    sheet.put("signups", signups, window=window)
    sheet.put("signups_paying", paying, window=window)
    sheet.put("free_to_paid_ratio", ratio(paying, signups), window=window)
