"""Customers kept, lost and won in both bases, and why they left (definitions.md section 3)."""

from decimal import Decimal, localcontext

from tests.oracle.labels import Bound, Sheet, Value, ratio
from tests.oracle.people import Person

VOLUNTARY = {
    "requested",
    "price",
    "product",
    "competitor",
    "unused",
    "service",
    "other",
    "paused",
    "free_plan",
}
INVOLUNTARY = {"payment_failed", "dispute"}


def churn(at_start: set[str], at_end: set[str]) -> Value:
    return ratio(len(at_start - at_end), len(at_start))


def orders_sets(people: dict[str, Person], span: tuple[int, int, int]) -> tuple[set[str], set[str]]:
    before, start, end = span
    at_start = {c for c, p in people.items() if any(before <= order.at < start for order in p.orders)}
    at_end = {c for c, p in people.items() if any(start <= order.at < end for order in p.orders)}
    return at_start, at_end


def subscription_sets(people: dict[str, Person], span: tuple[int, int, int]) -> tuple[set[str], set[str]]:
    _, start, end = span
    at_start = {c for c, person in people.items() if person.paying_at(start - 1)}
    at_end = {c for c, person in people.items() if person.paying_at(end - 1)}
    return at_start, at_end


def customers_by_orders(
    sheet: Sheet, people: dict[str, Person], window: str, span: tuple[int, int, int]
) -> None:
    before, start, end = span
    at_start, at_end = orders_sets(people, span)
    firsts = {c: person.first_order() for c, person in people.items()}
    new = {c for c in at_end - at_start if firsts[c] >= start}
    reactivated = {c for c in at_end - at_start if firsts[c] < before}
    for kind, members in {
        "at_start": at_start,
        "at_end": at_end,
        "retained": at_start & at_end,
        "churned": at_start - at_end,
        "new": new,
        "reactivated": reactivated,
    }.items():
        sheet.put(f"customers_{kind}", len(members), basis="orders", window=window, plan="-")
    _ratios(sheet, "orders", window, at_start, at_end, len(new), len(reactivated), 0)
    _covered(sheet, "orders", window, [f for f in firsts.values() if f is not None], before)
    sheet.put("window_seconds", (end - start) / 1_000_000, window=window)


def customers_by_subscriptions(
    sheet: Sheet, people: dict[str, Person], window: str, span: tuple[int, int, int], plans: Bound
) -> None:
    _, start, end = span
    at_start, at_end = subscription_sets(people, span)
    firsts = {c: person.first_paying() for c, person in people.items()}
    new = {c for c in at_end - at_start if firsts[c] >= start}
    reactivated = {c for c in at_end - at_start if firsts[c] < start}
    transient = {
        c for c, first in firsts.items() if first is not None and start <= first < end and c not in at_end
    }
    groups = {
        "at_start": (at_start, start - 1),
        "at_end": (at_end, end - 1),
        "retained": (at_start & at_end, start - 1),
        "churned": (at_start - at_end, start - 1),
        "new": (new, end - 1),
        "reactivated": (reactivated, end - 1),
    }
    for plan in plans.labels():
        for kind in groups:
            sheet.put(f"customers_{kind}", 0, basis="subscription", window=window, plan=plan)
        sheet.put("customers_transient", 0, window=window, plan=plan)
    for kind, (members, moment) in groups.items():
        for customer in members:
            plan = plans(people[customer].plan_at(moment))
            sheet.add(f"customers_{kind}", 1, basis="subscription", window=window, plan=plan)
    for customer in transient:
        plan = plans(people[customer].plan_at(_last_paying_instant(people[customer], end)))
        sheet.add("customers_transient", 1, window=window, plan=plan)
    for customer in at_start - at_end:
        reason = _reason(people[customer], start, end)
        sheet.add("customers_churned_by_reason", 1, window=window, reason=reason, class_=class_of(reason))
    _ratios(sheet, "subscription", window, at_start, at_end, len(new), len(reactivated), len(transient))
    _covered(sheet, "subscription", window, [f for f in firsts.values() if f is not None], start)


def _last_paying_instant(person: Person, end: int) -> int:
    """The last instant before `end` at which a customer who is not paying at `end` was paying."""
    stops = [s.end for life in person.lives.values() for s in life.stretches() if s.start < end]
    return max(stop for stop in stops if stop is not None) - 1


def _reason(person: Person, start: int, end: int) -> str:
    """Why a customer churned between two boundaries."""
    ended = [
        (-stop.at, subscription_id, place, stop.reason)
        for subscription_id, life in person.lives.items()
        for place, stop in enumerate(life.ends_after_paying())
        if start <= stop.at < end
    ]
    if ended:
        return min(ended)[3]
    stopped = [
        (-stretch.end, subscription_id, stretch.stopped_by)
        for subscription_id, life in person.lives.items()
        for stretch in life.stretches()
        if stretch.end is not None and stretch.end < end
    ]
    state = min(stopped, key=lambda s: s[:2])[2]
    if state.status == "paused":
        return "paused"
    return "free_plan" if state.status in ("active", "past_due") else "unknown"


def class_of(reason: str) -> str:
    """What kind of reason it is."""
    if reason in VOLUNTARY:
        return "voluntary"
    return "involuntary" if reason in INVOLUNTARY else reason


def _covered(sheet: Sheet, basis: str, window: str, firsts: list[int], boundary: int) -> None:
    if window[0].isdigit() and window.endswith("h"):
        boundary -= 1  # the boundary lies just after the full hours before as_of
    covered = bool(firsts) and min(firsts) <= boundary
    sheet.put("window_covered", int(covered), basis=basis, window=window)


def _ratios(
    sheet: Sheet,
    basis: str,
    window: str,
    at_start: set[str],
    at_end: set[str],
    new: int,
    reactivated: int,
    transient: int,
) -> None:
    churned = len(at_start - at_end)
    labels = {"basis": basis, "window": window}
    sheet.put("churn_ratio", ratio(churned, len(at_start)), **labels)
    sheet.put("retention_ratio", ratio(len(at_start & at_end), len(at_start)), **labels)
    joined = len(at_start) + new + transient
    sheet.put("churn_ratio_stripe", ratio(churned + transient, joined), **labels)
    lower, upper = wilson(churned, len(at_start))
    sheet.put("churn_ratio_lower", lower, **labels)
    sheet.put("churn_ratio_upper", upper, **labels)
    sheet.put("net_replacement_ratio", ratio(new + reactivated, churned), **labels)


def wilson(hits: int, trials: int) -> tuple[Value, Value]:
    """The 95 % Wilson score interval, in 50 decimal digits; exactly 0 and 1 at the edges."""
    if trials == 0:
        return None, None
    with localcontext() as context:
        context.prec = 50
        z, n = Decimal("1.959963984540054"), Decimal(trials)
        share = Decimal(hits) / n
        centre = share + z * z / (2 * n)
        spread = z * ((share * (1 - share) + z * z / (4 * n)) / n).sqrt()
        lower, upper = ((centre + sign * spread) / (1 + z * z / n) for sign in (-1, 1))
    return (0.0 if hits == 0 else float(lower)), (1.0 if hits == trials else float(upper))
