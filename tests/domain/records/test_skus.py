"""Products bought, as records keep them: the same whatever comes first, comes twice, or comes back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import fast
from service.domain.facts import Facts
from service.domain.records import Limits, Partition, skus
from service.domain.records.customer import EVER
from service.domain.records.identity import identity

KEPT, NAMED = 3, 5
SKUS = [f"sku {n}" for n in range(9)]
ORDERS = st.lists(
    st.tuples(
        st.sampled_from(("ann", "bob")),
        st.integers(0, 9),
        st.lists(st.sampled_from(SKUS), max_size=4),
        st.integers(0, 20),
    ),
    max_size=12,
)
Bought = tuple[str, int, list[str], int]


def placed(bought: Bought) -> fast.OrderPlaced:
    who, order, names, at = bought
    money = fast.Money(minor=5, currency="EUR")
    items = [fast.Item(sku=name, quantity=1, amount=money) for name in names]
    return fast.OrderPlaced(
        event_id=f"{bought}",
        occurred_at=at,
        customer_id=who,
        order_id=str(order),
        amount=money,
        items=items or None,
    )


def number(name: str) -> int:
    return int.from_bytes(identity(name), "big")


def kept(orders: list[Bought], who: str) -> list[tuple[int, int]]:
    """By plain loops: hash and instant of the products bought first."""
    first: dict[str, int] = {}
    for _, _, names, at in (one for one in orders if one[0] == who):
        for name in names:
            first[name] = min(at, first.get(name, at))
    return sorted(((number(name), at) for name, at in first.items()), key=lambda row: row[::-1])[:KEPT]


def known(partition: Partition, facts: Facts | None = None) -> dict[str, list[tuple[int, int]]]:
    """What records hold and facts say of each customer, which must be the same."""
    facts = facts or Facts()
    facts.update(partition.draw())
    told, hashes = {}, list(facts.skus._numbers)
    table = facts.skus.bought
    for name, place in facts._indexes.items():
        own = table["customer"] == place
        rows = zip(table["sku"][own].tolist(), table["at"][own].tolist(), strict=True)
        told[name] = [(hashes[sku], at) for sku, at in rows]
        customer = partition.customer(name)
        assert customer is not None
        assert list(skus._ROW.iter_unpack(customer.skus)) == told[name]
    assert facts.skus.named == {number(sku.name): sku.name for sku in partition._ledger.skus.held.values()}
    return told


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ORDERS, st.randoms(use_true_random=False), st.integers(0, 24))
def test_those_bought_first_are_known_in_any_order_of_arrival_and_from_the_changelog(
    monkeypatch: pytest.MonkeyPatch, orders: list[Bought], dice: object, moved: int
) -> None:
    monkeypatch.setattr(skus, "MOST_NAMED", NAMED)
    arrived = dice.sample([*orders, *orders], 2 * len(orders))  # type: ignore[attr-defined]
    partition, facts, changelog = Partition(Limits(skus=KEPT)), Facts(), []
    for place, one in enumerate(arrived):
        partition.apply(placed(one), EVER)
        if place % 5 == 0:
            facts.update(partition.draw())
        if place == moved:
            changelog += partition.changes()
            partition, facts = Partition(Limits(skus=KEPT)), Facts()
            partition.restore(changelog)
            partition.restored()
    expected = {who: kept(orders, who) for who in ("ann", "bob") if any(who == one[0] for one in orders)}
    assert known(partition, facts) == expected
    met = sorted({number(name) for _, _, names, _ in orders for name in names})
    assert sorted(facts.skus.named) == met[:NAMED]
    again = Partition(Limits(skus=KEPT))
    again.restore([*changelog, *partition.changes()])
    again.restored()
    assert known(again) == expected


def test_who_is_erased_leaves_what_was_bought_to_nobody() -> None:
    partition, facts = Partition(Limits(skus=KEPT)), Facts()
    partition.apply(placed(("ann", 1, ["sku 1"], 5)), EVER)
    facts.update(partition.draw())
    partition.apply(placed(("ann", 2, ["sku 2"], 6)), EVER)
    partition.apply(fast.CustomerErased(event_id="e", occurred_at=9, customer_id="ann"), EVER)
    partition.apply(placed(("ann", 3, ["sku 3"], 10)), EVER)
    found = known(partition, facts)
    assert found.pop("ann") == [(number("sku 3"), 10)]
    assert list(found.values()) == [[(number("sku 1"), 5), (number("sku 2"), 6)]]


def test_nothing_is_kept_where_nothing_is_wanted() -> None:
    partition = Partition(Limits(skus=0))
    partition.apply(placed(("ann", 1, ["sku 1"], 5)), EVER)
    assert known(partition) == {"ann": []}
    assert not partition._ledger.skus.held
