"""Orders folded into lifetime totals: no figure changes as long as what belongs together comes in time."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from service.domain.metrics import Definitions
from tests.oracle.agreement import through_the_domain
from tests.oracle.differences import differences
from tests.oracle.instants import HOUR, instant
from tests.oracle.recompute import recompute
from tests.oracle.telling import cancelled, event, placed, refunded, stamp

DAY = 24 * HOUR
REACH = 1_150 * DAY  # windows look three years back, so this is about the shortest horizon there may be
LATEST, LONGEST = 300 * DAY, 840 * DAY  # arrival after happening; corrections after an order
AS_OF = instant(stamp("2025-10-10"))


def arriving(rng: random.Random) -> list[dict]:
    """Ten years of orders that are refunded, cancelled and repeated late, but within the reach."""
    timed: list[tuple[int, dict]] = []
    for number in range(30):
        for order in range(rng.choice((1, 5, 12))):
            at = AS_OF - rng.randrange(3_600 * DAY)
            for happens, made in order_of(rng, f"c{number}", f"o{order}", at):
                timed.append((happens + rng.randrange(LATEST), made))
                if rng.random() < 0.1:
                    timed.append((happens + rng.randrange(LATEST), made))
    return [made for _, made in sorted(timed, key=lambda pair: pair[0])]


def order_of(rng: random.Random, customer: str, order: str, at: int) -> list[tuple[int, dict]]:
    """An order and all that is said about it, each with when it happens."""

    def later() -> int:
        length = rng.choice((0, rng.randrange(20 * DAY), rng.randrange(LONGEST), rng.randrange(LONGEST)))
        return min(at + length, AS_OF)

    def text(moment: int) -> str:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).isoformat()

    amount = f"{rng.randrange(0, 90)} {rng.choice(('EUR', 'EUR', 'JPY'))}"
    made = [(at, placed(order, text(at), amount, customer))] if rng.random() < 0.9 else []
    if rng.random() < 0.1:
        moment = later()
        made.append((moment, placed(order, text(moment), "99 USD", customer)))
    for _ in range(rng.choice((0, 0, 1, 2))):
        moment = later()
        made.append((moment, refunded(order, text(moment), f"{rng.randrange(50)} EUR", customer)))
    for _ in range(rng.choice((0, 0, 1, 1))):
        moment = later()
        made.append((moment, cancelled(order, text(moment), customer)))
    if rng.random() < 0.1:
        made.append((at, event("customer.signed_up", text(at), customer, channel="ads")))
    return made


@pytest.mark.parametrize("seed", range(12))
def test_folding_old_orders_changes_no_figure(seed: int) -> None:
    events = arriving(random.Random(seed))
    for limit in (1, 10):  # a folded order still counts where currencies are ranked
        found = through_the_domain(events, AS_OF, Definitions(currency_limit=limit), seed=seed, reach=REACH)
        assert differences(recompute(events, AS_OF, currency_limit=limit), found, 1e-12) == []
