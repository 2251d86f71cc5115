"""Facts follow the records, in the refresh thread."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.domain.metrics import Definitions
from service.domain.records import Limits, Partition
from service.domain.records.customer import EVER
from service.figures import computing
from service.figures.computing import Computing
from service.stream.owned import Owned
from tests.domain.records.test_packing import orders

READING, READ = {"orders": 1_000}, {"orders": 0}
"""Where the sources ended when last asked; nothing is applied by the positions of these tests."""


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as one:
        yield one


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computing, "FRESH", 2)


async def drawn(thread: ThreadPoolExecutor, more: int) -> tuple[Computing, Owned]:
    """A partition whose facts hold an order, and whose records hold some more."""
    one, owned = Computing(Definitions(), thread), Owned(0, Limits())
    owned.records.apply_all(orders(1), EVER, [])
    await one.follow(owned)
    owned.records.apply_all(orders(more, first=1), EVER, [])
    return one, owned


async def test_while_history_is_read_many_new_orders_do_not_wait_for_a_refresh(
    thread: ThreadPoolExecutor,
) -> None:
    one, owned = await drawn(thread, 3)
    owned.source_ends = READING
    assert await one.keep_up(owned) > 0
    assert (len(owned.facts.orders.orders), owned.records.fresh) == (4, 0)
    assert not owned.drawn  # nobody is answered from facts that lack what is no new order
    await one.follow(owned)
    assert owned.drawn
    assert len(owned.facts.orders.orders) == 4


@pytest.mark.parametrize(("more", "ends"), [(2, READING), (3, READ)], ids=["few", "nothing left to read"])
async def test_else_they_wait_for_it(thread: ThreadPoolExecutor, more: int, ends: dict[str, int]) -> None:
    one, owned = await drawn(thread, more)
    owned.source_ends = ends
    assert await one.keep_up(owned) == 0
    assert (len(owned.facts.orders.orders), owned.records.fresh) == (1, more)
    assert owned.drawn


async def test_facts_are_whole_also_where_something_is_applied_before_each_refresh(
    thread: ThreadPoolExecutor,
) -> None:
    one, owned = await drawn(thread, 1)
    for first in range(2, 5):
        await one.follow(owned)
        assert owned.days.whole
        owned.records.apply_all(orders(1, first=first), EVER, [])
    assert len(owned.facts.orders.orders) == 4


async def test_facts_are_not_whole_while_some_customers_have_not_been_drawn(
    thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "SLICE", 1)
    one, owned = Computing(Definitions(), thread), Owned(0, Limits())
    for name in ("ann", "bob", "cy"):
        owned.records.apply_all(orders(1, customer=name), EVER, [])
    owned.records.undraw()
    monkeypatch.setattr(Partition, "customers_held", 1)
    for drawn_so_far in (2, 3):
        await one.follow(owned)
        assert owned.days.whole is owned.drawn is (drawn_so_far == 3)
