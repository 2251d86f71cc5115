"""Rankings by sums of parts: told apart as long as there are few pairs, to one per cent beyond."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.metrics import pairs, ranks
from service.domain.metrics.distribution import bucket_of
from service.domain.metrics.ranks import Ranked
from service.domain.metrics.standing import BEST, MOST_ORDERS
from service.domain.metrics.tally import Tally, total

FEW = 5
OFTEN, MUCH, MANY = range(3)
CUSTOMER = st.tuples(
    st.integers(1, 4) | st.integers(990, 1_100),
    st.sampled_from((0, 5, 4_700, 4_730, 4_750, 4_800, 20_000, -300, 2**70)) | st.integers(-(10**6), 10**6),
    st.integers(0, 3) | st.integers(990, 1_100),
)
Customer = tuple[int, int, int]
PARTS = st.lists(st.lists(CUSTOMER, max_size=12), min_size=1, max_size=3)
WITH_A_LIMIT = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def measured(customers: list[Customer], *, referral: bool = True) -> Tally:
    tally = Tally()
    if customers:
        orders, net, referrals = (np.array(column) for column in zip(*customers, strict=True))
        ranks.measure(orders, net, "EUR", tally, referrals if referral else None)
    return tally


def values(everybody: list[Customer], ranking: int, other: int) -> list[int]:
    """What customers are ranked by, beside another ranking: net revenue may be in buckets."""
    if ranking == MUCH and len({(one[ranking], one[other]) for one in everybody}) > FEW:
        return [int(bucket_of(np.array([one[MUCH]]))[0]) for one in everybody]
    return [one[ranking] for one in everybody]


def scores(values: list[int]) -> list[int]:
    return [1 + 5 * len([1 for one in values if one < own]) // len(values) for own in values]


def test_nobody_stands_anywhere_where_nobody_has_ordered() -> None:
    for referral in (False, True):
        ranked = Ranked(Tally(), "EUR", referral=referral)
        assert ranked.empty
        assert list(dict(ranked.uneven()).values()) == [0] * (6 if referral else 2)


@WITH_A_LIMIT
@given(PARTS)
def test_everybody_stands_where_a_count_of_all_others_says(
    monkeypatch: pytest.MonkeyPatch, parts: list[list[Customer]]
) -> None:
    monkeypatch.setattr(pairs, "DISTINCT", FEW)
    everybody = [
        (min(often, MOST_ORDERS), net, min(many, ranks.MOST_REFERRALS))
        for part in parts
        for often, net, many in part
    ]
    ranked = Ranked(total(measured(part) for part in parts), "EUR", referral=True)
    beside = {OFTEN: MUCH, MUCH: OFTEN, MANY: OFTEN}
    for place, own in enumerate(customer for part in parts for customer in part):
        found = ranked.ranks(*own)
        for ranking, rank in enumerate(found):
            all_values = values(everybody, ranking, beside[ranking])
            worse = len([1 for one in all_values if one < all_values[place]])
            assert rank.better_than == float(Fraction(worse, len(everybody)))
            assert rank.score == 1 + 5 * worse // len(everybody)
    uneven = dict(ranked.uneven())
    assert len(uneven) == 6
    for names, customers in uneven.items():
        best, worst = (ranks.RANKINGS.index(name) for name in names)
        led, lagged = scores(values(everybody, best, worst)), scores(values(everybody, worst, best))
        both = [1 for one, two in zip(led, lagged, strict=True) if one == BEST and two <= ranks.LAGGING]
        assert customers == len(both)


def test_without_a_ranking_by_referral_nothing_of_it_is_measured() -> None:
    customers = [(1, 5, 2), (3, 700, 0)]
    plain = measured(customers, referral=False)
    assert {ranks.PAIRS.name} == {name for name, sums in plain.sums.items() if sums}
    assert len(Ranked(plain, "EUR").ranks(1, 5)) == 2
