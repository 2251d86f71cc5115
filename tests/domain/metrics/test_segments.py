"""Who belongs to which segment, asked for one customer, against the figures of all."""

from collections import Counter

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from service.domain.metrics import Summary, thresholds
from service.domain.metrics.segments import BY_RECENCY, DAYS, Scores, segment
from service.domain.metrics.standing import MOST_ORDERS
from service.domain.metrics.tally import Tally

CUSTOMERS = st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(1, 1_200)), min_size=1, max_size=40)


def scores_of(customers: list[tuple[int, int]], times: int = 1) -> Scores:
    return Scores(tally_of(customers, times))


def tally_of(customers: list[tuple[int, int]], times: int = 1) -> Tally:
    tally = Tally()
    for days_ago, orders in customers:
        row = tuple(times * (day == days_ago) for day in range(DAYS))
        tally.add_moments(BY_RECENCY, (str(min(orders, MOST_ORDERS)),), row)
    return tally


@settings(deadline=None, max_examples=50)
@given(CUSTOMERS)
def test_the_segments_of_each_customer_add_up_to_those_of_all(customers: list[tuple[int, int]]) -> None:
    scores = scores_of(customers)
    each = Counter(scores.segment(days_ago, orders) for days_ago, orders in customers)
    assert +Counter(scores.segments()) == each


@settings(deadline=None, max_examples=50)
@given(CUSTOMERS, st.integers(1, 50))
def test_how_many_there_are_of_each_kind_changes_no_segment(
    customers: list[tuple[int, int]], times: int
) -> None:
    few, many = scores_of(customers), scores_of(customers, times)
    assert all(few.segment(*customer) == many.segment(*customer) for customer in customers)


@settings(deadline=None, max_examples=50)
@given(CUSTOMERS)
def test_orders_beyond_a_thousand_matter_only_if_more_than_a_fifth_has_that_many(
    customers: list[tuple[int, int]],
) -> None:
    assume(5 * len([1 for _, orders in customers if orders >= MOST_ORDERS]) <= len(customers))
    scores = scores_of(customers)
    for days_ago, orders in customers:
        later = len([1 for other, _ in customers if other > days_ago])
        rarer = len([1 for _, other in customers if other < orders])
        exact = segment(1 + 5 * later // len(customers), 1 + 5 * rarer // len(customers))
        assert scores.segment(days_ago, orders) == exact


def test_where_nobody_has_ordered_there_are_no_thresholds() -> None:
    assert thresholds(Summary(7, Tally()), made_at=8) is None
