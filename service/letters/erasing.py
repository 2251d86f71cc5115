"""The dead letters of customers who were erased are deleted, without anybody knowing their names any more."""

import asyncio
import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from aiokafka.errors import KafkaError

from service.errors import UserError
from service.letters.reading import Box
from service.stream.dead_letters import Story, story
from service.stream.owned import Owned
from service.stream.store import Store

LOOK_EVERY = 2.0  # seconds
REST = 10.0  # times as long as a look took, until the next one

# Where a record names a person: the contract's fields, and what CloudEvents call the same.
_NAMES = re.compile(
    rb'"(?:customer_id|referred_by|invitee|subject|partitionkey)"\s*:\s*("(?:[^"\\]|\\.)*+")', re.DOTALL
)

log = logging.getLogger("subpulse.stream")

Wanted = dict[str, int]  # hash of an erased customer's name -> when the erasure was


class Shredder:
    """Looks for dead letters of those who were erased on the partitions of this worker.

    1. save: then all letters of records that came before the erasures are in the topic
    2. read the whole topic, for a letter may lie on any partition: which letters wait, and whose they are
    3. without awaiting: hand over their deletions, and that these erasures are dealt with, to the checkpoint
       of the partition whose customers they are. It writes both or neither; who is killed before begins again
    """

    def __init__(self, client: Mapping[str, Any], letters: str, marketing: str, store: Store) -> None:
        """`letters` is the dead-letter topic; keys of `marketing` name channels."""
        self._box, self._marketing, self._store = Box(client, letters), marketing, store

    async def run(self) -> None:
        """Look for ever, and seldom enough to leave the broker to others."""
        while True:
            began = time.monotonic()
            try:
                await self.look()
            except (KafkaError, OSError, TimeoutError, UserError) as error:
                log.warning("cannot look for dead letters of erased customers, trying again: %r", error)
            await asyncio.sleep(max(LOOK_EVERY, REST * (time.monotonic() - began)))

    async def look(self) -> None:
        """Once, for all erasures that are known now."""
        wanted = {owned: found for owned in self._parts() if (found := owned.records.letters_wanted())}
        if not wanted:
            return
        await self._store.save()
        waiting: dict[Owned, dict[bytes, int]] = {owned: {} for owned in wanted}
        async for number, row in self._box.since({}):
            told = story(row.headers)
            names = set() if told is None else self._names(told, row.value)
            for owned, erased in wanted.items():
                waiting[owned].pop(row.key, None)
                if any(owned.records.hash(name) in erased for name in names):
                    waiting[owned][row.key] = number
        for owned, places in waiting.items():
            if owned in self._parts():
                owned.shredded.update(places)
                owned.records.letters_found(wanted[owned])

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
