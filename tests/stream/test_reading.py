"""How long the consumer waits for records, and when it says that none wait."""

from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition

from service.stream.consumer import NONE_HELD_BACK, SOME_HELD_BACK, Consumer

ORDERS, QUIET = TopicPartition("orders", 0), TopicPartition("marketing", 0)


class Reading(Consumer):
    """One that asks once for what nobody sends, and notes how long it waited for it."""

    should_stop, flow_active = False, True

    def __init__(self, *held_back: TopicPartition) -> None:
        self._buffered_partitions = {*held_back}
        self.waited, self.at_rest = list[float](), 0
        store = SimpleNamespace(era=1, parts={}, nothing_waits=self._rest)
        self.app = SimpleNamespace(store=store, positions_wanted=False)

    def _rest(self) -> None:
        self.at_rest += 1

    def assignment(self) -> set[TopicPartition]:
        return {ORDERS, QUIET}

    def _get_active_partitions(self) -> set[TopicPartition]:
        return self.assignment() - self._buffered_partitions

    async def seek_wait(self, partitions: dict[TopicPartition, int]) -> None:
        assert not partitions

    async def _getmany(self, active_partitions: set[TopicPartition], timeout: float) -> dict[Any, Any]:
        self.waited.append(timeout)
        self.should_stop = True
        return {}


async def test_who_holds_records_back_does_not_wait_long_for_those_of_quiet_topics() -> None:
    busy = Reading(ORDERS)
    await busy._drain_messages(SimpleNamespace(should_stop=False))
    assert busy.waited == [SOME_HELD_BACK]
    assert not busy.at_rest, "records wait for the agents"


async def test_who_holds_nothing_back_is_at_rest_when_nothing_comes() -> None:
    idle = Reading()
    await idle._drain_messages(SimpleNamespace(should_stop=False))
    assert idle.waited == [NONE_HELD_BACK]
    assert idle.at_rest == 1
