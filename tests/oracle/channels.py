"""Channels and referral (definitions.md section 6): what customers cost, and who brings others."""

from collections import defaultdict
from fractions import Fraction

from tests.oracle.customers import orders_sets, subscription_sets
from tests.oracle.instants import instant
from tests.oracle.labels import Bound, Sheet, ratio
from tests.oracle.money import major
from tests.oracle.orders import Periods
from tests.oracle.people import Person

WINDOWS = ("30d", "90d", "365d", "last_month", "last_quarter", "last_year")

Spend = list[tuple[str, int, Fraction, str]]
"""Channel, instant, amount, currency."""


def spend_of(events: list[dict], as_of: int) -> Spend:
    """Each amount spent up to as_of, once."""
    found = {}
    for event in events:
        at = instant(event["occurred_at"])
        if event["type"] == "spend.recorded" and at <= as_of:
            money = event["amount"]
            amount = major(money["minor"], money["currency"])
            found[event["channel"], event["event_id"]] = (event["channel"], at, amount, money["currency"])
    return list(found.values())


def channel_figures(
    sheet: Sheet,
    people: dict[str, Person],
    spend: Spend,
    as_of: int,
    periods: Periods,
    margin: Fraction,
    channels: Bound,
    currencies: Bound,
) -> None:
    """Of each channel that a customer has, and of `-` where one who was ever active has none."""
    members: dict[str, list[Person]] = defaultdict(list)
    for person in people.values():
        if person.channel is not None or person.first_active() is not None:
            members[channels(person.channel or "-")].append(person)
    pairs = {
        (channels(channel), currency) for channel, _, _, currency in spend if currency in currencies.kept
    }
    for window in set(WINDOWS) & set(periods):
        _, start, end = periods[window]
        acquired = {
            channel: len([p for p in own if p.first_active() is not None and start <= p.first_active() < end])
            for channel, own in members.items()
        }
        for channel, number in acquired.items():
            sheet.put("customers_acquired", number, window=window, channel=channel)
            _retention(sheet, members[channel], periods[window], window, channel)
        for channel, currency in pairs:
            labels = {"window": window, "channel": channel, "currency": currency}
            spent = sum(
                amount
                for name, at, amount, code in spend
                if channels(name) == channel and code == currency and start <= at < end
            )
            sheet.put("marketing_spend", spent, **labels)
            cost = ratio(spent, acquired.get(channel, 0))
            sheet.put("acquisition_cost", cost, **labels)
            own = members.get(channel, [])
            nets = [p.net_revenue()[currency] for p in own if currency in p.net_revenue()]
            worth = ratio(sum(nets) * margin, len(nets)) if cost else None
            sheet.put("ltv_to_cac_ratio", None if worth is None else worth / cost, **labels)
            paid = [p.mrr_at(as_of)[currency] for p in own if currency in p.mrr_at(as_of)]
            months = None if cost is None or not paid else cost / (sum(paid) / len(paid) * margin)
            sheet.put("payback_months", months, **labels)


def _retention(
    sheet: Sheet, members: list[Person], span: tuple[int, int, int], window: str, channel: str
) -> None:
    everybody = {str(number): person for number, person in enumerate(members)}
    for basis, sets in (("orders", orders_sets), ("subscription", subscription_sets)):
        start, end = sets(everybody, span)
        kept = ratio(len(start & end), len(start))
        sheet.put("retention_ratio_by_channel", kept, basis=basis, window=window, channel=channel)


def referral_figures(sheet: Sheet, people: dict[str, Person], periods: Periods, currencies: Bound) -> None:
    for window, (_, start, end) in periods.items():
        sent = [len([at for at in p.invitations if start <= at < end]) for p in people.values()]
        sheet.put("invitations", sum(min(number, 1000) for number in sent), window=window)
        firsts = [(p.first_active(), p.referred) for p in people.values() if p.first_active() is not None]
        came = len([1 for at, referred in firsts if referred and start <= at < end])
        sheet.put("customers_referred", came, window=window)
        before = len([1 for at, _ in firsts if at < start])
        sheet.put("viral_coefficient", ratio(came, before), window=window)
    for currency in sorted({c for p in people.values() for c in p.order_currencies if c in currencies.kept}):
        for label, referred in (("yes", True), ("no", False)):
            nets = [
                p.net_revenue()[currency]
                for p in people.values()
                if p.referred == referred and currency in p.net_revenue()
            ]
            mean = ratio(sum(nets), len(nets))
            sheet.put("realized_ltv_mean_by_referral", mean, currency=currency, referred=label)
