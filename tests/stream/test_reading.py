"""How long the consumer waits for records, and when it says that none wait."""

from aiokafka import TopicPartition

from service.stream.consumer import NONE_HELD_BACK, SOME_HELD_BACK
from tests.stream.asks_once import AsksOnce

ORDERS, QUIET = TopicPartition("orders", 0), TopicPartition("marketing", 0)


async def test_who_holds_records_back_does_not_wait_long_for_those_of_quiet_topics() -> None:
    busy = AsksOnce(ORDERS, QUIET, held_back=[ORDERS])
    await busy.ask()
    assert busy.waited == [SOME_HELD_BACK]
    assert not busy.at_rest, "records wait for the agents"


async def test_who_holds_nothing_back_is_at_rest_when_nothing_comes() -> None:
    idle = AsksOnce(ORDERS, QUIET)
    await idle.ask()
    assert idle.waited == [NONE_HELD_BACK]
    assert idle.at_rest == 1
