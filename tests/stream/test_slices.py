"""A chunk is taken slice by slice, so that nobody waits long whatever is in it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

from service.stream.engine import add_agent

ERA = 3


class Taken:
    """Stands where the intake does, and notes which records it was given together."""

    kind = topic = "orders"

    def __init__(self, then: Callable[[], None]) -> None:
        self.slices: list[list[int]] = []
        self._then = then

    def take(self, owned: Any, records: list[int]) -> None:
        self.slices.append(records)
        self._then()


def _soon(note: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(note)


async def turn() -> None:
    await asyncio.sleep(0)


async def fed(store: Any, intake: Any, chunk: list[int]) -> None:
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
    store = SimpleNamespace(parts={0: object()}, era=ERA, make_room=turn)
    intake = Taken(lambda: _soon(lambda: turns.append(len(intake.slices))))
    await fed(store, intake, list(range(1_000)))
    assert [number for slice_ in intake.slices for number in slice_] == list(range(1_000))
    assert turns == [1, 2, 3, 4]


async def test_what_is_left_of_a_chunk_is_dropped_once_its_partition_is_let_go() -> None:
    store = SimpleNamespace(parts={0: object()}, era=ERA, make_room=turn)
    intake = Taken(lambda: setattr(store, "era", ERA + 1))
    await fed(store, intake, list(range(1_000)))
    assert len(intake.slices) == 1
