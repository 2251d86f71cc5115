"""A consumer without a broker."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition

from service.stream.consumer import Consumer


class AsksOnce(Consumer):
    """Asks once for records, gets none, and notes what it did before and after."""

    should_stop, flow_active = False, True

    def __init__(
        self,
        *assigned: TopicPartition,
        held_back: Iterable[TopicPartition] = (),
        resume_at: Mapping[TopicPartition, int] | None = None,
    ) -> None:
        """`resume_at`: where the state of its partitions ends; without it none of them has been taken."""
        self._assigned, self._buffered_partitions = {*assigned}, {*held_back}
        self.sought, self.waited, self.at_rest = list[dict[TopicPartition, int]](), list[float](), 0
        parts: dict[int, Any] = {}
        for tp, at in (resume_at or {}).items():
            parts.setdefault(tp.partition, SimpleNamespace(resume_at={})).resume_at[tp.topic] = at
        store = SimpleNamespace(era=1, parts=parts, nothing_waits=self._rest)
        self.app = SimpleNamespace(store=store, positions_wanted=False)

    async def ask(self) -> None:
        """Do as when the worker runs, until nothing has come."""
        await self._drain_messages(SimpleNamespace(should_stop=False))

    def _rest(self) -> None:
        self.at_rest += 1

    def assignment(self) -> set[TopicPartition]:
        return self._assigned

    def _get_active_partitions(self) -> set[TopicPartition]:
        return self._assigned - self._buffered_partitions

    async def seek_wait(self, partitions: dict[TopicPartition, int]) -> None:
        if partitions:
            self.sought.append(partitions)

    async def _getmany(self, active_partitions: set[TopicPartition], timeout: float) -> dict[Any, Any]:
        self.waited.append(timeout)
        self.should_stop = True
        return {}
