"""Thresholds that all partitions go by: when there are new ones, and that they travel with summaries."""

from service.domain.metrics import Summary
from service.domain.metrics.segments import BY_RECENCY, DAYS
from service.domain.metrics.tally import Tally
from service.domain.metrics.thresholds import Thresholds
from service.figures.board import Board
from service.figures.score_borders import KEPT, renewed
from service.stream.summary_rows import encode, open_envelope
from tests.figures.test_board import envelope


def business(orders: int, as_of: int = 5) -> Summary:
    """Of one customer, who ordered today."""
    tally = Tally()
    tally.add_moments(BY_RECENCY, (str(orders),), tuple(int(day == 0) for day in range(DAYS)))
    return Summary(as_of, tally)


def test_the_first_view_that_is_complete_has_thresholds() -> None:
    (found,) = renewed((), business(3), now=100, apart=60)
    assert (found.made_at, found.as_of) == (100, 5)


def test_new_ones_wait_until_everybody_has_read_the_last() -> None:
    first = renewed((), business(3), now=100, apart=60)
    assert renewed(first, business(4), now=159, apart=60) == first
    second = renewed(first, business(4), now=160, apart=60)
    assert [one.made_at for one in second] == [100, 160]


def test_borders_that_have_not_moved_are_not_told_again() -> None:
    first = renewed((), business(3), now=100, apart=60)
    assert renewed(first, business(3, as_of=9), now=1_000, apart=60) == first


def test_a_business_that_nobody_orders_from_keeps_those_it_had() -> None:
    first = renewed((), business(3), now=100, apart=60)
    assert renewed(first, Summary(9, Tally()), now=1_000, apart=60) == first
    assert renewed((), Summary(9, Tally()), now=1_000, apart=60) == ()


def test_only_the_last_are_kept() -> None:
    told: tuple[Thresholds, ...] = ()
    for turn in range(KEPT + 2):
        told = renewed(told, business(1 + turn), now=100 * turn, apart=60)
    assert [one.made_at for one in told] == [100 * (KEPT + turn) for turn in range(2)]


def test_everybody_goes_by_those_of_the_newest_summary_of_partition_0() -> None:
    board, first = Board(2, "same"), renewed((), business(3), now=100, apart=60)
    assert board.thresholds_told() == ()
    for one in (envelope(0, 10), envelope(0, 20, thresholds=first), envelope(1, 30)):
        board.add(open_envelope(encode(one)))
    assert board.thresholds_told() == first
