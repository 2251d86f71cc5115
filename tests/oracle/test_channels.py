"""Channels and referral, worked out by hand."""

from fractions import Fraction
from itertools import count

from service.domain.metrics import Definitions
from service.domain.metrics.labels import PARTITION_LIMIT
from tests.oracle.agreement import through_the_domain
from tests.oracle.instants import instant
from tests.oracle.telling import AS_OF, Told, event, money, placed, refunded, stamp, started

_numbers = count()


def spent(channel: str, at: str, amount: str, event_id: str | None = None) -> dict:
    return {
        "type": "spend.recorded",
        "event_id": event_id or f"spend {next(_numbers)}",
        "occurred_at": stamp(at),
        "channel": channel,
        "amount": money(amount),
    }


def signed_up(at: str, customer: str, **fields: object) -> dict:
    return event("customer.signed_up", at, customer, **fields)


ADS = {"window": "last_month", "channel": "ads", "currency": "EUR"}
CAMPAIGN = [
    spent("ads", "2025-09-01", "250 EUR"),
    spent("ads", "2025-09-30T23:59:59Z", "50 EUR"),
    spent("ads", "2025-10-01", "1000 EUR"),
    placed("o", "2025-09-02", "90 EUR", "ann", channel="ads"),
    placed("p", "2025-10-02", "130 EUR", "ann"),
    refunded("p", "2025-10-03", "20 EUR", "ann"),
    placed("o", "2025-09-29", "400 EUR", "bob", channel="ads"),
    started("2025-09-10", "30 EUR", customer="eve", channel="ads"),
    started("2025-09-10", "50 EUR", customer="dan", channel="ads"),
    started("2025-08-10", "40 EUR", customer="kim", channel="ads"),
]
"""300 EUR for ann, bob, eve and dan, who came in September; kim had been there before."""


def test_a_channel_costs_what_was_spent_for_each_customer_who_came() -> None:
    told = Told(CAMPAIGN, AS_OF)
    assert told("marketing_spend", **ADS) == 300
    assert told("customers_acquired", window="last_month", channel="ads") == 4
    assert told("acquisition_cost", **ADS) == 75


def test_a_channel_is_judged_by_all_that_its_customers_ever_brought() -> None:
    told = Told(CAMPAIGN, AS_OF, margin=Fraction(1, 2))
    assert told("ltv_to_cac_ratio", **ADS) == 300 * 0.5 / 75  # ann's 200 and bob's 400
    assert told("payback_months", **ADS) == 75 / (40 * 0.5)  # 30, 50 and 40 a month


def test_what_nothing_was_spent_on_pays_at_once_and_what_brings_nobody_has_no_cost() -> None:
    told = Told([*CAMPAIGN, spent("fairs", "2025-09-03", "70 EUR")], AS_OF)
    quarter = {**ADS, "window": "last_quarter"}
    assert told("acquisition_cost", **quarter) == 60
    free = Told([*CAMPAIGN[2:], spent("ads", "2024-01-01", "1 EUR")], AS_OF)
    assert free("acquisition_cost", **ADS) == 0
    assert free("ltv_to_cac_ratio", **ADS) is None
    assert free("payback_months", **ADS) == 0
    nobody = {"window": "last_month", "channel": "other", "currency": "EUR"}  # no customer came by fairs
    assert told("marketing_spend", **nobody) == 70
    assert told("acquisition_cost", **nobody) is None


def test_money_is_spent_in_currencies_that_no_customer_pays_in() -> None:
    told = Told([*CAMPAIGN, spent("ads", "2025-09-03", "8000 JPY")], AS_OF)
    assert told("acquisition_cost", **{**ADS, "currency": "JPY"}) == 2000
    assert told("ltv_to_cac_ratio", **{**ADS, "currency": "JPY"}) is None


def test_an_amount_spent_counts_once_in_each_channel() -> None:
    twice = [spent("ads", "2025-09-03", "7 EUR", "s"), spent("ads", "2025-09-03", "7 EUR", "s")]
    told = Told([*CAMPAIGN, *twice, spent("fairs", "2025-09-03", "7 EUR", "s")], AS_OF)
    assert told("marketing_spend", **ADS) == 307


def test_retention_by_channel_is_that_of_its_customers() -> None:
    story = [
        placed("o", "2025-08-02", "9 EUR", "ann", channel="ads"),
        placed("o", "2025-08-02", "9 EUR", "bob", channel="ads"),
        placed("p", "2025-09-02", "9 EUR", "bob"),
        placed("o", "2025-08-02", "9 EUR", "eve"),
        signed_up("2025-08-01", "dan", channel="fairs"),
    ]
    told = Told(story, AS_OF)
    kept = {
        channel: told("retention_ratio_by_channel", basis="orders", window="last_month", channel=channel)
        for channel in ("ads", "-", "fairs")
    }
    assert kept == {"ads": 0.5, "-": 0, "fairs": None}


def test_no_money_is_lost_where_a_partition_meets_more_channels_than_it_tells_apart() -> None:
    names = [f"c{number}" for number in range(PARTITION_LIMIT)]
    story = [spent(name, "2025-09-20", "1 EUR") for name in (*names, *names, "last")]
    story += [placed("o", "2025-09-03", "1 EUR", name, channel=name) for name in ("c7", "last")]
    found = through_the_domain(story, instant(stamp(AS_OF)), Definitions(windows=("30d",)), partitions=1)
    spend = {dict(labels)["channel"]: v for (name, labels), v in found.items() if "marketing" in name}
    assert spend == {"c7": 2, "other": 2 * PARTITION_LIMIT - 1}  # "last" too: fewest amounts


def test_referred_customers_are_counted_when_they_first_do_something() -> None:
    story = [
        placed("o", "2025-08-01", "9 EUR", "ann"),
        placed("o", "2025-08-05", "9 EUR", "bob"),
        event("customer.invited", "2025-09-01", "ann"),
        event("customer.invited", "2025-09-01", "ann"),
        signed_up("2025-08-20", "eve", referred_by="ann"),
        placed("o", "2025-09-04", "50 EUR", "eve"),
        signed_up("2025-09-05", "dan", referred_by="somebody unknown"),
        started("2025-09-06", customer="dan"),
        signed_up("2025-09-07", "kim", referred_by="ann"),
    ]
    told = Told(story, AS_OF)
    assert told("invitations", window="last_month") == 2
    assert told("customers_referred", window="last_month") == 2  # kim has done nothing yet
    assert told("viral_coefficient", window="last_month") == 1
    assert told("realized_ltv_mean_by_referral", currency="EUR", referred="yes") == 50
    assert told("realized_ltv_mean_by_referral", currency="EUR", referred="no") == 9


def test_of_one_customer_a_thousand_invitations_count() -> None:
    story = [event("customer.invited", "2025-09-01", "ann") for _ in range(1_003)]
    assert Told(story, AS_OF)("invitations", window="last_month") == 1_000
