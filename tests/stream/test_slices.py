"""A chunk is taken slice by slice, so that nobody waits long whatever is in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.domain.records import Limits
from service.stream.engine import SLICE, SLICE_BYTES, add_agent, sliced
from service.stream.owned import Owned
from tests.stream.test_owned import Raw

ERA = 3
CHUNK = [Raw(offset) for offset in range(4 * SLICE)]


class Taken:
    """Stands where the intake does, and notes which records it was given together."""

    kind = topic = "orders"

    def __init__(self, then: Callable[[], None]) -> None:
        self.slices: list[list[int]] = []
        self._then = then

    def take(self, owned: Any, records: Sequence[Raw]) -> None:
        self.slices.append([record.offset for record in records])
        self._then()


def _soon(note: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(note)


async def turn() -> None:
    await asyncio.sleep(0)


async def fed(store: Any, intake: Any, chunk: Sequence[Raw]) -> None:
    agents: list[Any] = []
    engine: Any = SimpleNamespace(
        store=store, topic=lambda *_, **__: None, agent=lambda *_, **__: lambda agent: agents.append(agent)
    )
    add_agent(engine, intake)

    async def events() -> AsyncIterator[Any]:
        message = SimpleNamespace(tp=("orders", 0))
        yield SimpleNamespace(message=message, value=(ERA, chunk))

    await agents[0](SimpleNamespace(events=events))


async def test_others_get_their_turn_between_the_slices_of_a_chunk() -> None:
    turns: list[int] = []
    store = SimpleNamespace(parts={0: Owned(0, Limits())}, era=ERA, make_room=turn)
    intake = Taken(lambda: _soon(lambda: turns.append(len(intake.slices))))
    await fed(store, intake, CHUNK)
    assert [number for slice_ in intake.slices for number in slice_] == list(range(4 * SLICE))
    assert turns == [1, 2, 3, 4]


async def test_what_is_left_of_a_chunk_is_dropped_once_its_partition_is_let_go() -> None:
    store = SimpleNamespace(parts={0: Owned(0, Limits())}, era=ERA, make_room=turn)
    intake = Taken(lambda: setattr(store, "era", ERA + 1))
    await fed(store, intake, CHUNK)
    assert len(intake.slices) == 1


@given(st.lists(st.sampled_from((0, 10, SLICE_BYTES // 300, SLICE_BYTES // 3, SLICE_BYTES)), max_size=2_000))
def test_slices_hold_everything_in_order_and_fewer_records_where_these_are_large(sizes: list[int]) -> None:
    values = {size: b"x" * size for size in set(sizes)}
    found = list(sliced([Raw(offset, values[size]) for offset, size in enumerate(sizes)]))
    assert [record.offset for part in found for record in part] == list(range(len(sizes)))
    assert all(len(part) <= SLICE for part in found)


def test_large_records_are_taken_a_megabyte_at_a_time() -> None:
    large = [Raw(offset, b"x" * (SLICE_BYTES // 10)) for offset in range(1_000)]
    assert {sum(len(record.value) for record in part) for part in sliced(large)} == {SLICE_BYTES // 10 * 10}
