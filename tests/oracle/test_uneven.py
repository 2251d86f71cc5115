"""Who leads in one ranking and lags in another, worked out by hand, and among many."""

import random

from service.domain.metrics import Definitions
from tests.oracle.agreement import through_the_domain
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.labels import Figures
from tests.oracle.recompute import recompute
from tests.oracle.telling import AS_OF, Told, cancelled, event, placed, refunded, stamp

LABELS = {"often": ("frequency", "revenue"), "much": ("revenue", "frequency")}


def orders(customer: str, *amounts: str) -> list[dict]:
    return [placed(f"o{n}", f"2025-09-{n + 1:02}", amount, customer) for n, amount in enumerate(amounts)]


FIVE = [
    *orders("ann", *["10 EUR"] * 9),  # most often, and the least money but one
    *orders("bob", "500 EUR"),
    *orders("eve", *["100 EUR"] * 3),
    *orders("dan", *["100 EUR"] * 2),
    *orders("kim", *["5 EUR"] * 4),
]


def uneven(story: list[dict], leads: str, currency: str = "EUR") -> object:
    return leading(story, *LABELS[leads], currency=currency)


def leading(story: list[dict], best: str, worst: str, currency: str = "EUR", **options: bool) -> object:
    return Told(story, AS_OF, **options)(
        "customers_leading_and_lagging", currency=currency, leads_in=best, lags_in=worst
    )


def test_ten_cheap_orders_lead_in_frequency_and_one_dear_order_in_revenue() -> None:
    assert (uneven(FIVE, "often"), uneven(FIVE, "much")) == (1, 1)


def test_who_leads_in_both_lags_in_neither() -> None:
    story = [*FIVE, *orders("ann", *["90 EUR"] * 15)]
    assert uneven(story, "often") == 0


def test_refunds_take_revenue_and_no_order() -> None:
    story = [*FIVE, refunded("o0", "2025-10-01", "499 EUR", "bob")]
    assert (uneven(story, "often"), uneven(story, "much")) == (0, 0)


def test_a_cancelled_order_counts_in_neither() -> None:
    undone = [
        cancelled(f"o{n}", "2025-10-01", name) for name, most in (("ann", 7), ("kim", 3)) for n in range(most)
    ]
    assert uneven([*FIVE, *undone], "often") == 0


def test_currencies_are_ranked_apart() -> None:
    story = [*FIVE, *orders("ann", "900 USD"), *orders("bob", *["1 USD"] * 5)]
    assert (uneven(story, "often"), uneven(story, "much")) == (1, 1)
    assert (uneven(story, "often", "USD"), uneven(story, "much", "USD")) == (0, 0)


def signed_up(customer: str, at: str, referrer: str) -> dict:
    return event("customer.signed_up", at, customer, referred_by=referrer)


def by_referral(story: list[dict], best: str, worst: str) -> object:
    return leading(story, best, worst, referral_ranks=True)


def test_who_brought_others_leads_in_referral_whatever_they_and_it_are_worth() -> None:
    story = [*FIVE, signed_up("x", "2025-09-03", "kim"), signed_up("dan", "2025-09-03", "kim")]
    assert by_referral(story, "referral", "revenue") == 1  # kim, who brings little money
    assert by_referral(story, "revenue", "referral") == 1
    assert by_referral(story, "frequency", "referral") == 1
    assert by_referral(story, "referral", "frequency") == 0


def test_the_earliest_sign_up_that_names_somebody_says_who_brought_the_customer() -> None:
    named = [signed_up("x", "2025-09-05", "ann"), signed_up("x", "2025-09-04", "kim")]
    assert by_referral([*FIVE, *named], "referral", "revenue") == 1
    undone = signed_up("x", "2025-09-03", "bob")
    assert by_referral([*FIVE, *named, undone], "referral", "revenue") == 0
    assert by_referral([*FIVE, *named, undone], "referral", "frequency") == 1


def test_who_names_itself_or_two_at_one_instant_was_brought_by_nobody() -> None:
    itself = signed_up("kim", "2025-09-04", "kim")
    both = [signed_up("x", "2025-09-04", "ann"), signed_up("x", "2025-09-04", "kim")]
    for story in ([itself], both, both[::-1]):
        assert by_referral([*FIVE, *story], "referral", "revenue") == 0


def test_an_erased_referrer_stays_in_its_place_and_so_does_who_brought_an_erased_customer() -> None:
    brought = [*FIVE, signed_up("x", "2025-09-03", "kim")]
    for who in ("kim", "x"):
        erased = event("customer.erased", "2025-09-20", who)
        assert by_referral([*brought, erased], "referral", "revenue") == 1


def test_many_are_counted_as_one_by_one_and_to_one_per_cent_beyond_4_096_pairs() -> None:
    rng = random.Random(6)
    story = []
    for number in range(4_400):
        times = min(1 + int(rng.expovariate(2)), 3)
        amount = {"minor": int(rng.lognormvariate(8, 2)) + 1, "currency": "EUR"}
        story += [{**order, "amount": amount} for order in orders(f"c{number}", *["1 EUR"] * times)]
        if rng.random() < 0.1:
            back = refunded("o0", "2025-10-01", "1 EUR", f"c{number}")
            story.append({**back, "amount": {**amount, "minor": 3 * amount["minor"]}})
    now, options = instant(stamp(AS_OF)), {"windows": ("24h",)}
    expected = counts(recompute(story, now, **options))
    assert len(expected) == 2  # of one currency
    assert all(expected.values())
    for partitions in (1, 3):  # of more than 4,096 pairs, and of fewer
        found = through_the_domain(story, now, Definitions(**options), partitions=partitions)
        assert differences(expected, counts(found)) == []


def counts(figures: Figures) -> Figures:
    return {key: value for key, value in figures.items() if key[0].endswith("leading_and_lagging")}
