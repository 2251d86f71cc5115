"""Letters leave once: whoever else is at it, and whatever happens in the middle."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from service.embedded import Broker
from service.letters.closing import ROWS, ClosingError, Desk
from service.letters.reading import Box, MissingError, Waiting
from service.letters.selection import Selection
from service.partitioner import partition_of
from service.stream.dead_letters import letter
from tests.conftest import CreateTopics
from tests.letters.test_selection import Raw

PARTITIONS = 3
COUNT = 2 * ROWS + 200  # letters; three transactions
ALL = Selection()


class Office:
    """An application of which only topics are there: a source and its dead letters."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.client = {"bootstrap_servers": bootstrap}
        self.source, self.letters, self.name = f"{prefix}orders", f"{prefix}letters", f"{prefix}app"

    @property
    def box(self) -> Box:
        return Box(self.client, self.letters)

    def desk(self) -> Desk:
        return Desk(self.client, self.name, self.letters, [self.source])

    async def write(self, count: int) -> None:
        """Letters of as many records; the key of every seventh was missing."""
        async with AIOKafkaProducer(**self.client) as producer:
            for number in range(count):
                key = None if number % 7 == 0 else f"c-{number}".encode()
                raw = Raw(key, f"value {number}".encode(), [("trace", str(number).encode())])
                raw.offset = number
                row = letter(raw, self.source, number % PARTITIONS, "invalid", "…")  # type: ignore[arg-type]
                await producer.send(
                    self.letters, row.value, row.key, number % PARTITIONS, headers=row.headers
                )

    async def redrive(self) -> int:
        """All that waits; how many letters were closed."""
        async with self.desk() as desk:
            waiting = await self.box.waiting(ALL)
            return len([sent async for sent in desk.redrive(self.box.full(waiting))])

    async def sent(self) -> list[Any]:
        """All committed records of the source, up to where it ends with what is about to be committed."""
        tps = [TopicPartition(self.source, number) for number in range(PARTITIONS)]
        async with AIOKafkaConsumer(**self.client) as impatient:
            ends = await impatient.end_offsets(tps)
        async with AIOKafkaConsumer(
            **self.client, isolation_level="read_committed", auto_offset_reset="earliest"
        ) as reader:
            reader.assign(tps)
            found: list[Any] = []
            while any([await reader.position(tp) < ends[tp] for tp in tps]):
                for rows in (await reader.getmany(timeout_ms=200)).values():
                    found += rows
            return found


@pytest.fixture
async def office(broker: Broker, prefix: str, create_topics: CreateTopics) -> Office:
    made = Office(broker.bootstrap, prefix)
    await create_topics(made.source, partitions=PARTITIONS)
    await create_topics(made.letters, partitions=PARTITIONS, config={"cleanup.policy": "compact"})
    return made


async def test_a_record_goes_back_as_it_was_and_its_letter_goes_away(office: Office) -> None:
    await office.write(COUNT)
    assert len(await office.box.waiting(ALL)) == COUNT
    assert await office.redrive() == COUNT
    assert await office.box.waiting(ALL) == []
    found = await office.sent()
    numbers = {int(dict(row.headers)["trace"]) for row in found}
    assert (len(found), numbers) == (COUNT, set(range(COUNT)))
    for row in found:
        number = int(dict(row.headers)["trace"])
        assert row.value == f"value {number}".encode()
        assert row.headers == (("trace", str(number).encode()),)
        assert row.key == (None if number % 7 == 0 else f"c-{number}".encode())
        home = number % PARTITIONS if row.key is None else partition_of(row.key, PARTITIONS)
        assert row.partition == home


async def test_who_redrives_at_the_same_time_never_sends_a_record_twice(office: Office) -> None:
    await office.write(COUNT)

    told: list[str] = []

    async def one_of_many() -> None:
        try:
            await office.redrive()
        except ClosingError as error:
            told.append(str(error))

    while await office.box.waiting(ALL):
        await asyncio.gather(*(one_of_many() for _ in range(3)))
    assert all("another redrive or drop of this application began" in text for text in told)
    times = Counter(row.value for row in await office.sent())
    assert len(times) == COUNT
    assert set(times.values()) == {1}


async def test_a_redrive_that_dies_in_the_middle_is_ended_by_the_next(office: Office) -> None:
    await office.write(50)
    waiting = await office.box.waiting(ALL)
    dying = office.desk()
    await dying.__aenter__()
    await dying._producer.begin_transaction()
    rows = [((office.source, 0), {"key": b"c-1", "value": b"value 1", "timestamp": None, "headers": []})]
    await dying._send(rows)
    try:
        assert await office.redrive() == len(waiting)
        with pytest.raises(Exception, match="transactional"):
            await dying._producer.commit_transaction()
    finally:
        await dying.__aexit__(None, None, None)
    assert Counter(row.value for row in await office.sent()) == Counter(
        f"value {number}".encode() for number in range(50)
    )


async def test_a_dropped_letter_waits_no_more_and_nothing_is_sent(office: Office) -> None:
    await office.write(30)
    chosen = Selection(keys=frozenset({f"{office.source}/0/3", f"{office.source}/1/4"}))
    async with office.desk() as desk:
        await desk.drop(await office.box.waiting(chosen))
    left = await office.box.waiting(ALL)
    assert len(left) == 28
    assert not {waiting.key for waiting in left} & chosen.keys
    assert await office.sent() == []


async def test_a_letter_of_a_tombstone_waits_although_it_has_no_value(office: Office) -> None:
    row = letter(Raw(b"c", None, []), office.source, 0, "tombstone", "…")  # type: ignore[arg-type]
    async with AIOKafkaProducer(**office.client) as producer:
        await producer.send_and_wait(office.letters, None, row.key, 0, headers=row.headers)
    (found,) = await office.box.waiting(ALL)
    assert isinstance(found, Waiting)
    assert found.size is None
    await office.redrive()
    assert [(row.key, row.value) for row in await office.sent()] == [(b"c", None)]
    assert await office.box.waiting(ALL) == []


async def test_without_the_topic_the_command_that_makes_it_is_named(office: Office) -> None:
    with pytest.raises(MissingError, match="subpulse topics"):
        await Box(office.client, f"{office.letters}-elsewhere").waiting(ALL)
