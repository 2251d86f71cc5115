"""Dead letters and insights of customers who were erased are deleted, without anybody knowing their names any
more."""

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from aiokafka.errors import KafkaError

from service.errors import UserError
from service.letters.reading import Box, MissingError
from service.stream.dead_letters import Story, story
from service.stream.owned import Owned, Place
from service.stream.store import Store

LOOK_EVERY = 2.0  # seconds
REST = 10.0  # times as long as a look took, until the next one

# Where a record (and an insight) names a person: the contract's fields, and what CloudEvents call the same.
_NAMES = re.compile(
    rb'"(?:customer_id|referred_by|invitee|subject|partitionkey)"\s*:\s*("(?:[^"\\]|\\.)*+")', re.DOTALL
)

log = logging.getLogger("subpulse.stream")

Wanted = dict[str, int]  # hash of an erased customer's name -> when the erasure was


class Shredder:
    """Looks for dead letters and insights of those who were erased on the partitions of this worker.

    1. save: then all letters of records that came before the erasures are in the topic, and all insights
    2. read both topics as a whole, for a letter may lie on any partition, and so may an insight where there
       were fewer partitions once: which are there, and whose they are
    3. without awaiting: hand over their deletions, and that these erasures are dealt with, to the checkpoint
       of the partition whose customers they are. It writes both or neither; who is killed before begins again
    """

    def __init__(
        self, client: Mapping[str, Any], letters: str, marketing: str, insights: str, store: Store
    ) -> None:
        """`letters` is the dead-letter topic; keys of `marketing` name channels; `insights` may not exist."""
        self._letters, self._insights = Box(client, letters), Box(client, insights)
        self._marketing, self._store = marketing, store

    async def run(self) -> None:
        """Look for ever, and seldom enough to leave the broker to others."""
        while True:
            began = time.monotonic()
            try:
                await self.look()
            except (KafkaError, OSError, TimeoutError, UserError) as error:
                log.warning("cannot look for what names erased customers, trying again: %r", error)
            await asyncio.sleep(max(LOOK_EVERY, REST * (time.monotonic() - began)))

    async def look(self) -> None:
        """Once, for all erasures that are known now."""
        wanted = {owned: found for owned in self._parts() if (found := owned.records.traces_wanted())}
        if not wanted:
            return
        await self._store.save()
        rows: dict[Owned, set[Place]] = {owned: set() for owned in wanted}
        async for place, names in self._rows():
            for owned, erased in wanted.items():
                rows[owned].discard(place)
                if any(owned.records.hash(name) in erased for name in names):
                    rows[owned].add(place)
        for owned, places in rows.items():
            if owned in self._parts():
                owned.shredded |= places
                owned.records.traces_deleted(wanted[owned])

    async def _rows(self) -> AsyncIterator[tuple[Place, set[str]]]:
        """Every letter and every insight, and whom it names; a row that deletes one names nobody."""
        async for number, row in self._letters.since({}):
            told = story(row.headers)
            names = set() if told is None else self._names(told, row.value)
            yield (self._letters.topic, number, row.key), names
        try:
            async for number, row in self._insights.since({}):
                yield (self._insights.topic, number, row.key), set(_named(row.value or b""))
        except MissingError:
            pass  # nobody has ever wanted any

    def _parts(self) -> list[Owned]:
        return list(self._store.parts.values())

    def _names(self, told: Story, value: bytes | None) -> set[str]:
        """Whoever may be named by a letter: in the record's key, headers and fields."""
        texts = [text for _, text in told.headers]
        if told.topic != self._marketing:
            texts.append(told.key)
        return {*map(_decoded, filter(None, texts)), *_named(value or b"")}


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _named(value: bytes) -> Iterator[str]:
    """Names in JSON, whether the rest of it can be read or not."""
    for found in _NAMES.finditer(value):
        try:
            name = json.loads(found[1].decode("utf-8", "replace"), strict=False)
            name.encode()
        except ValueError:  # half of a pair: nobody is called so
            continue
        yield name
