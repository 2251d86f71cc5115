"""The dead letters that wait on the own partitions, counted for the metrics."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiokafka.structs import TopicPartition

from schemas.instants import parse_instant
from service.stream.dead_letters import Headers, story
from service.stream.reading import for_ever, reader
from service.stream.store import Store
from service.stream.telemetry import Telemetry

LOOK_EVERY = 2.0  # seconds
ROWS = 5_000  # of one look: a flood of bad records must not keep a worker from the good ones
REMEMBERED = 100_000  # letters of one partition; beyond that they are only counted


class Pile:
    """The letters of one partition.

    Pure. Exact up to REMEMBERED letters; of those beyond it is not known which one a deletion means, so it
    is taken to mean one of the commonest kind.
    """

    def __init__(self) -> None:
        self.read_to = 0
        self._known: dict[bytes, tuple[tuple[str, str], int | None]] = {}  # in the order of refusal
        self._beyond = Counter[tuple[str, str]]()

    def add(self, key: bytes, headers: Headers) -> None:
        """Take one row of the topic, in its order: a letter, or the deletion of one."""
        known = self._known.pop(key, None)
        if told := story(headers):
            kind = (told.topic, told.reason)
            if len(self._known) < REMEMBERED:
                self._known[key] = kind, _instant(told.rejected_at)
            else:
                self._beyond[kind] += 1
        elif known is None and self._beyond:
            self._beyond[self._beyond.most_common(1)[0][0]] -= 1
            self._beyond = +self._beyond

    def counts(self) -> Counter[tuple[str, str]]:
        """Letters that wait, by topic and reason."""
        return Counter(kind for kind, _ in self._known.values()) + self._beyond

    def oldest(self) -> int | None:
        """When the letter that waits longest was written, microseconds since 1970; None: unknown."""
        return next((at for _, at in self._known.values() if at is not None), None)


class Piles:
    """Reads the own partitions of the dead-letter topic: a sum over workers counts each letter once."""

    def __init__(self, client: Mapping[str, Any], topic: str, store: Store, telemetry: Telemetry) -> None:
        self._client, self._topic = dict(client), topic
        self._store, self._telemetry = store, telemetry
        self._piles: dict[int, Pile] = {}

    async def run(self) -> None:
        """Count for ever; connections that break are made again."""
        await for_ever(self._topic, self._read, LOOK_EVERY)

    async def _read(self) -> None:
        assigned: set[int] = set()
        async with reader(self._client) as consumer:
            while True:
                if assigned != (owned := set(self._store.parts)):
                    self._assign(consumer, owned)
                    assigned = owned
                more = assigned and await self._look(consumer)
                self._tell()
                await asyncio.sleep(0 if more else LOOK_EVERY)

    def _assign(self, consumer: Any, owned: set[int]) -> None:
        self._piles = {number: self._piles.get(number) or Pile() for number in sorted(owned)}
        consumer.assign([TopicPartition(self._topic, number) for number in self._piles])
        for number, pile in self._piles.items():
            consumer.seek(TopicPartition(self._topic, number), pile.read_to)

    async def _look(self, consumer: Any) -> bool:
        """True when there is more at once."""
        fetched = await consumer.getmany(timeout_ms=500, max_records=ROWS)
        for tp, rows in fetched.items():
            pile = self._piles[tp.partition]
            for row in rows:
                pile.add(row.key, row.headers)
            pile.read_to = rows[-1].offset + 1
        return sum(map(len, fetched.values())) >= ROWS

    def _tell(self) -> None:
        piles = self._piles.values()
        self._telemetry.letters = sum((pile.counts() for pile in piles), Counter())
        self._telemetry.oldest_letter = min(
            (at for p in piles if (at := p.oldest()) is not None), default=None
        )


def _instant(text: str) -> int | None:
    try:
        return parse_instant(text)
    except ValueError:  # not written by us
        return None
