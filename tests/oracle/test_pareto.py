"""Pareto shares of the domain, from buckets where there are many distinct values, against exact ones."""

import random
from collections.abc import Callable

import pytest

from service.domain.metrics import Definitions
from tests.oracle.agreement import through_the_domain
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.recompute import recompute
from tests.oracle.telling import placed, refunded, stamp

AS_OF = instant(stamp("2025-10-10"))
WINDOWS = ("24h",)
USD = frozenset({("currency", "USD")})
SHAPES: dict[str, Callable[[random.Random, int], int]] = {
    "even": lambda rng, n: 1 + n,
    "skewed": lambda rng, n: int(rng.lognormvariate(8, 2)) + 1,
    "a few very rich": lambda rng, n: 2**50 + n if n < 5 else 1 + n,
    "all alike": lambda rng, n: 10**6 + n,
    "many a loss": lambda rng, n: rng.randrange(-500_000, 1_000_000),
}


def customer(number: int, net: int) -> list[dict]:
    """Orders and refunds of one customer that leave `net` cents."""
    paid, back = (net, 0) if net > 0 else (1, 1 - net)
    order = placed("o", "2025-10-01", "0 USD", f"c{number}")
    refund = refunded("o", "2025-10-02", "0 USD", f"c{number}")
    return [{**order, "amount": usd(paid)}, *([{**refund, "amount": usd(back)}] if back else [])]


def usd(cents: int) -> dict:
    return {"minor": cents, "currency": "USD"}


@pytest.mark.parametrize("customers", [4_096, 4_097, 6_000])
@pytest.mark.parametrize("shape", SHAPES)
def test_pareto_shares_are_exact_or_within_half_a_per_cent(shape: str, customers: int) -> None:
    rng = random.Random(customers)
    events = [e for n in range(customers) for e in customer(n, SHAPES[shape](rng, n))]
    events += [placed("yen", "2025-10-01", f"{n} JPY", f"c{n}") for n in range(1, 9)]
    expected = recompute(events, AS_OF, windows=WINDOWS)
    found = through_the_domain(events, AS_OF, Definitions(windows=WINDOWS))
    for name in ("subpulse_pareto_revenue_share", "subpulse_pareto_customer_share"):
        exact, close = expected.pop((name, USD)), found.pop((name, USD))
        assert close == pytest.approx(
            float(exact), **({"abs": 0.005} if customers > 4_096 else {"rel": 1e-12})
        )
    assert differences(expected, found) == []
