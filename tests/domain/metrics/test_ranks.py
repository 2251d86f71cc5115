"""Rankings by sums of parts: told apart as long as there are few pairs, to one per cent beyond."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.metrics import ranks
from service.domain.metrics.distribution import bucket_of
from service.domain.metrics.ranks import Ranked
from service.domain.metrics.standing import MOST_ORDERS
from service.domain.metrics.tally import Tally, total

FEW = 5
CUSTOMER = st.tuples(
    st.integers(1, 4) | st.integers(990, 1_100),
    st.sampled_from((0, 5, 4_700, 4_730, 4_750, 4_800, 20_000, -300, 2**70)) | st.integers(-(10**6), 10**6),
)
PARTS = st.lists(st.lists(CUSTOMER, max_size=12), min_size=1, max_size=3)
WITH_A_LIMIT = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def measured(customers: list[tuple[int, int]]) -> Tally:
    tally = Tally()
    if customers:
        orders, net = (np.array(column) for column in zip(*customers, strict=True))
        ranks.measure(orders, net, "EUR", tally)
    return tally


def test_nobody_stands_anywhere_where_nobody_has_ordered() -> None:
    ranked = Ranked(Tally(), "EUR")
    assert ranked.empty
    assert set(dict(ranked.uneven()).values()) == {0}


@WITH_A_LIMIT
@given(PARTS)
def test_everybody_stands_where_a_count_of_all_others_says(
    monkeypatch: pytest.MonkeyPatch, parts: list[list[tuple[int, int]]]
) -> None:
    monkeypatch.setattr(ranks, "DISTINCT", FEW)
    everybody = [(min(often, MOST_ORDERS), net) for part in parts for often, net in part]
    ranked = Ranked(total(measured(part) for part in parts), "EUR")
    if len(set(everybody)) > FEW:
        everybody = [(often, int(bucket_of(np.array([net]))[0])) for often, net in everybody]
    scores = []
    for place, own in enumerate(customer for part in parts for customer in part):
        found = ranked.ranks(*own)
        for ranking, rank in enumerate(found):
            worse = len([1 for one in everybody if one[ranking] < everybody[place][ranking]])
            assert rank.better_than == float(Fraction(worse, len(everybody)))
            assert rank.score == 1 + 5 * worse // len(everybody)
        scores.append(found)
    for (best, worst), customers in ranked.uneven():
        both = [s for s in scores if best in ranks.leads_in(s) and worst in ranks.lags_in(s)]
        assert customers == len(both)
