"""RFM segments, worked out by hand."""

import random

from tests.oracle.telling import AS_OF, Told, cancelled, placed


def orders(customer: str, *dates: str) -> list[dict]:
    return [placed(f"o{number}", at, "9 EUR", customer) for number, at in enumerate(dates)]


def segments(story: list[dict], as_of: str = AS_OF) -> dict[str, int]:
    told = Told(story, as_of)
    names = [labels["segment"] for labels in told.listed("customers_in_segment")]
    return {name: n for name in names if (n := told("customers_in_segment", segment=name))}


FIVE = [
    *orders("ann", *[f"2025-10-0{n}" for n in range(1, 9)]),  # last on 8 October, eight orders
    *orders("bob", "2025-10-07"),
    *orders("eve", "2025-07-01", "2025-07-02", "2025-10-06", "2025-10-06T01:00:00Z"),
    *orders("dan", "2025-03-01", "2025-03-02", "2025-03-03"),
    *orders("kim", "2025-02-01", "2025-02-02"),
    *orders("joe", "2024-10-10T23:59:59Z"),  # a day too early
]
"""By lateness ann 5, bob 4, eve 3, dan 2, kim 1; by number of orders ann 5, eve 4, dan 3, kim 2, bob 1."""


def test_five_customers_have_a_score_each() -> None:
    found = {"champions": 1, "new": 1, "loyal": 1, "at_risk": 1, "hibernating": 1, "lost": 1}
    assert segments(FIVE) == found


def test_who_ordered_once_in_the_middle_is_promising() -> None:
    rest = [event for event in FIVE if event["customer_id"] != "eve"]
    found = segments([*rest, *orders("eve", "2025-10-06")])
    assert found == {"champions": 1, "new": 1, "promising": 1, "at_risk": 2, "lost": 1}


def test_equal_customers_have_equal_scores() -> None:
    story = [event for name in "abcdefg" for event in orders(name, "2025-10-01")]
    assert segments(story) == {"hibernating": 7}


def test_recency_counts_local_days_not_hours() -> None:
    story = [*orders("a", "2025-10-09T00:00:00Z"), *orders("b", "2025-10-09T23:00:00Z")]
    assert segments(story) == {"hibernating": 2}


def test_a_cancelled_order_makes_nobody_a_customer() -> None:
    assert segments([*orders("a", "2025-10-01"), cancelled("o0", "2025-10-02", "a")]) == {}


def test_many_customers_are_scored_as_one_by_one() -> None:
    rng = random.Random(5)
    story = []
    for number in range(400):
        times = rng.choice((1, 1, 2, 5))
        dates = [f"2025-{rng.randint(1, 9):02}-{rng.randint(1, 28):02}" for _ in range(times)]
        story += orders(f"c{number}", *dates)
    assert len(segments(story)) == 6
