"""Reading the summaries of all partitions, own and foreign alike, and merging them into the view."""

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from service.domain.metrics import Definitions, Summary, View, total, view
from service.figures.board import Board, Reading
from service.figures.views import Shown, Views
from service.now import now_micros
from service.stream.reading import for_ever, reader
from service.stream.summary_rows import TARGET_KEY, Envelope, known_format, open_envelope, open_target

FETCH_BYTES = 8 << 20
FETCH_WAIT_MS = 200  # questions to the broker wait behind a fetch on the same connection
PATIENCE = 5.0  # seconds for one question to the broker
RETRY = 2.0  # seconds
LOG_APPEND_TIME = 1  # a record's timestamp is that of the broker

log = logging.getLogger("subpulse.stream")


class Summaries:
    """A plain reader of the summaries topic, in no group: every worker can answer for the whole business."""

    def __init__(
        self,
        client: Mapping[str, Any],
        *,
        topic: str,
        sources: tuple[str, ...],
        partitions: int,
        definitions: Definitions,
        views: Views,
        thread: ThreadPoolExecutor,
        interval: float,
    ) -> None:
        self.board = Board(partitions, definitions.fingerprint(), since=now_micros())
        self.caught_up = asyncio.Event()  # what was told before this worker is known
        self.spent = 0.0  # CPU seconds that it took to make the newest view
        self.target: int | None = None  # of the event clock, as its owner published it
        self._client, self._topic, self._sources = dict(client), topic, sources
        self._definitions, self._views, self._thread = definitions, views, thread
        self._interval = int(interval * 1e6)
        self._reader: Any = None
        self._merging = asyncio.Lock()
        self._merged: tuple[Envelope, ...] = ()
        self._view: View | None = None
        self._summary: Summary | None = None

    async def run(self) -> None:
        """Read for ever; connections that break are made again."""
        await for_ever(self._topic, self._read, RETRY)

    async def _read(self) -> None:
        tps = [TopicPartition(self._topic, n) for n in range(self.board.partitions)]
        fetch = {"max_partition_fetch_bytes": FETCH_BYTES, "fetch_max_wait_ms": FETCH_WAIT_MS}
        async with reader(self._client, **fetch) as consumer:
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            behind = {tp: end for tp, end in (await consumer.end_offsets(tps)).items() if end}
            self._reader = consumer
            try:
                while True:
                    for rows in (await consumer.getmany(*tps, timeout_ms=500)).values():
                        self._pin(rows)
                    behind = {tp: end for tp, end in behind.items() if await consumer.position(tp) < end}
                    if not behind:
                        self.caught_up.set()
                        await self.merge()
            finally:
                self._reader = None

    def _pin(self, rows: list[Any]) -> None:
        for row in rows:
            if row.value is None:
                continue
            if not known_format(row.value):
                self.board.refuse(
                    row_number(row.key),
                    "a summary was written by another version: give all workers the same one",
                )
            elif row.key == TARGET_KEY:
                self.target = open_target(row.value).as_of
            else:
                by_broker = row.timestamp_type == LOG_APPEND_TIME
                self.board.add(open_envelope(row.value), row.timestamp * 1_000 if by_broker else None)

    async def source_ends(self, numbers: list[int]) -> dict[int, dict[str, int]] | None:
        """Where each source topic ends now, by partition number; None when the broker does not answer."""
        reader = self._reader
        if reader is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                found = await reader.end_offsets(
                    [TopicPartition(t, n) for t in self._sources for n in numbers]
                )
        except (KafkaError, OSError, TimeoutError):
            return None
        return {n: {t: found[TopicPartition(t, n)] for t in self._sources} for n in numbers}

    async def merge(self) -> None:
        """Show the newest instant that all partitions have; what was shown stays where there is none."""
        async with self._merging:
            patience = 3 * self.board.slowest(self._interval)
            reading = self.board.read(now_micros() - max(patience, 15_000_000))
            if reading.envelopes and reading.envelopes != self._merged:
                await self._build(reading)
            for sentence in sorted({*reading.refused} - {*self._views.latest.refused}):
                log.error("figures stand still: %s", sentence)
            complete = reading.covered == 1.0 and bool(self._merged) and all(e.complete for e in self._merged)
            self._views.show(
                Shown(self._view, complete, reading.covered, reading.oldest, reading.refused, self._summary)
            )

    async def _build(self, reading: Reading) -> None:
        build = partial(merged, reading.envelopes, self._definitions)
        try:
            self._summary, self._view, self.spent = await asyncio.get_running_loop().run_in_executor(
                self._thread, build
            )
        except ValueError as error:  # another version of the summary inside the envelope
            for envelope in reading.envelopes:
                self.board.refuse(envelope.partition, str(error))
            return
        self._merged = reading.envelopes


def merged(envelopes: tuple[Envelope, ...], definitions: Definitions) -> tuple[Summary, View, float]:
    """In the refresh thread: the sum of summaries of one instant, of all partitions in their order, and its
    view, by the models that came with that of partition 0; and the CPU seconds used."""
    began = time.thread_time()
    whole = total([Summary.unpack(e.summary) for e in envelopes])
    seen = view(whole, definitions, envelopes[0].models.fits)
    return whole, seen, time.thread_time() - began


def row_number(key: bytes | None) -> int:
    """The partition that a row of this topic is about."""
    return int(key) if key is not None and key.isdigit() else -1
