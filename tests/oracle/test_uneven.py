"""Who leads in one ranking and lags in another, worked out by hand, and among many."""

import random

from service.domain.metrics import Definitions
from tests.oracle.agreement import through_the_domain
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.labels import Figures
from tests.oracle.recompute import recompute
from tests.oracle.telling import AS_OF, Told, cancelled, placed, refunded, stamp

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
    best, worst = LABELS[leads]
    return Told(story, AS_OF)(
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
