"""The oracle and the SQL on real purchases: their known totals, and each other."""

from collections import defaultdict

import pytest

from service.domain.metrics import Definitions
from tests.oracle import cdnow
from tests.oracle.agreement import through_the_domain
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.recompute import WINDOWS, recompute


def test_the_purchases_have_their_known_totals() -> None:
    rows = list(cdnow.purchases())
    assert len(rows) == cdnow.LINES
    assert len({customer for customer, _, _ in rows}) == cdnow.CUSTOMERS
    assert len([cents for _, _, cents in rows if cents == 0]) == cdnow.FREE_LINES
    assert sum(cents for _, _, cents in rows) == cdnow.REVENUE_CENTS


@pytest.mark.parametrize("as_of", ["1997-07-04T12:00:00Z", cdnow.LAST_DAY])
def test_plain_loops_and_sql_agree_on_real_purchases(as_of: str) -> None:
    now = instant(as_of)
    by_sql = cdnow.figures(now, WINDOWS)
    by_loops = recompute(list(cdnow.events()), now)
    assert (
        differences(by_sql, {key: float(v) if (v := by_loops[key]) is not None else None for key in by_sql})
        == []
    )


def test_the_top_fifth_of_all_customers_makes_what_is_known_of_them() -> None:
    values: dict[str, int] = defaultdict(int)
    for customer, _, cents in cdnow.purchases():
        values[customer] += cents
    ranked = sorted(values.values(), reverse=True)
    assert sum(ranked[: cdnow.CUSTOMERS // 5]) / cdnow.REVENUE_CENTS == pytest.approx(0.6778, abs=5e-5)


def test_the_pareto_share_leaves_out_the_68_who_never_paid() -> None:
    figures = cdnow.figures(instant(cdnow.LAST_DAY), ("last_quarter",))
    usd = frozenset({("currency", "USD")})
    assert figures[("subpulse_realized_ltv_gsum", usd)] == cdnow.REVENUE_CENTS / 100
    assert figures[("subpulse_realized_ltv_gcount", usd)] == cdnow.CUSTOMERS - 68
    assert figures[("subpulse_pareto_revenue_share", usd)] == pytest.approx(0.6771, abs=5e-5)


def test_the_domain_agrees_with_sql_on_real_purchases() -> None:
    now = instant(cdnow.LAST_DAY)
    by_sql = cdnow.figures(now, WINDOWS)
    found = through_the_domain(list(cdnow.events()), now, Definitions())
    pareto = {key for key in by_sql if "pareto" in key[0]}
    assert (
        differences(
            {k: by_sql[k] for k in by_sql.keys() - pareto}, {k: found[k] for k in by_sql.keys() - pareto}
        )
        == []
    )
    for key in pareto:  # more than 4,096 distinct values: from log buckets
        assert found[key] == pytest.approx(by_sql[key], abs=0.005)
