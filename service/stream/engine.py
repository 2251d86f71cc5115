"""The Faust app: its topics, an agent for each, and the services that live beside them."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import faust
from faust.app.base import BootStrategy

from service import memory
from service.domain.records import COMPILED
from service.settings import Settings
from service.stream.consumer import Transport
from service.stream.endings import BUG, START_AGAIN, CrashedError, end, stop_in_time
from service.stream.lean import Record
from service.stream.source import Source
from service.stream.store import Store
from service.stream.transport import ChunkSchema

BUFFERED_CHUNKS = 8  # per agent; more would only scatter what lives long between what is soon gone
REBALANCE_SECONDS = 30.0  # to save and let go when another worker joins
HEARTBEAT_SECONDS = 3.0  # at most: a worker hears of a rebalance with its next heartbeat
SWITCH_SECONDS = 0.001  # until a thread lets another go on; the loop asks for its turn a few times a chunk
FETCH_BYTES = 1 << 20  # per partition and fetch
SLICE, SLICE_BYTES = 1_000, 1 << 20  # taken at once: whatever it is, a moment, then others get their turn

log = logging.getLogger("subpulse.stream")


class Boot(BootStrategy):  # type: ignore[misc]
    """No producer and no web server of Faust's: partitions have their own producers, and we serve HTTP."""

    enable_kafka_producer = False
    enable_web = False


class QuietWorker(faust.Worker):  # type: ignore[misc]
    """No spinner: it would change the level of our log handler, and draw into the log."""

    def on_setup_root_logger(self, logger: logging.Logger, level: int) -> None:
        """Leave logging as our configuration made it."""
        self.spinner = None


class Engine(faust.App):  # type: ignore[misc]
    """Faust's app with the store in the place of tables."""

    BootStrategy = Boot
    store: Store
    client_options: Mapping[str, Any]
    sources: tuple[str, ...]
    chunk: int
    positions_wanted = False
    prepare: Callable[["Engine"], Awaitable[None]]  # before Faust connects, which needs broker and topics
    beside: tuple[Callable[[], Awaitable[None]], ...] = ()  # run while the worker runs

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Nothing of ours is kept on this machine."""

    def want_positions(self) -> None:
        """Have the consumer note how far it has read, beyond the last record."""
        self.positions_wanted = True

    async def on_start(self) -> None:
        """Reach the broker first: Faust would crash without it."""
        memory.tune()
        sys.setswitchinterval(SWITCH_SECONDS)
        if not COMPILED:
            log.info("the loop over new orders is not compiled: installing found no C compiler")
        self.open_things = AsyncExitStack()
        await self.prepare(self)
        await super().on_start()

    async def on_started(self) -> None:
        """Start what runs beside the agents."""
        await super().on_started()
        for task in self.beside:
            self.add_future(guarded(task))

    async def stop(self) -> None:
        """Stop in order, or at any rate."""
        stop_in_time()
        await super().stop()

    async def on_shutdown(self) -> None:
        """Close what `prepare` opened."""
        await super().on_shutdown()
        await self.open_things.aclose()


async def guarded(task: Callable[[], Awaitable[None]]) -> None:
    """A bug in a service beside the agents ends the process, as one in an agent does."""
    try:
        await task()
    except Exception as error:
        end(BUG, f"{task.__qualname__} failed: {error!r}")


def add_agent(engine: Engine, intake: Source) -> None:
    """Feed the chunks of the intake's topic to it."""
    store = engine.store

    async def take(stream: Any) -> None:
        async for event in stream.events():
            (topic, number), (era, records) = event.message.tp, event.value
            for part in sliced(records):
                owned = store.parts.get(number)
                if owned is not None:
                    await owned.unhindered()
                if era != store.era or owned is None:
                    break  # fetched for an older assignment: the newer one seeks
                try:
                    intake.take(owned, part)
                except CrashedError as crash:
                    await store.crashed(owned, topic, crash.offset, repr(crash.__cause__))
                except Exception as error:  # Faust would acknowledge the chunk and go on
                    end(BUG, f"cannot take in {topic}-{number}: {error!r}")
                await store.make_room()  # else checkpoints and health would wait for the whole buffer

    channel = engine.topic(intake.topic, schema=ChunkSchema())
    engine.agent(channel, name=f"service.{intake.kind}")(take)


def sliced(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records in their order, SLICE at a time, and fewer where they are large."""
    for first in range(0, len(records), SLICE):
        part = records[first : first + SLICE]
        size = sum([len(record.value or b"") for record in part])
        step = SLICE if size <= SLICE_BYTES else max(1, len(part) * SLICE_BYTES // size)
        yield from (part[at : at + step] for at in range(0, len(part), step))


def take_on_rebalance(engine: Engine) -> None:
    """Faust awaits this before it resumes the flow: partitions are handed out only with their state."""

    async def take(app: Engine, **kwargs: Any) -> None:
        numbers = {tp.partition for tp in app.consumer.assignment() if tp.topic in app.sources}
        try:
            await app.store.take(numbers)
        except asyncio.CancelledError:
            if not app.should_stop:  # Faust would drop it in silence, and never hand out partitions again
                end(START_AGAIN, f"taking partitions {sorted(numbers)} was cancelled")
            raise

    engine.on_rebalance_complete.connect(take, weak=False)


def new_engine(settings: Settings, logging_config: Mapping[str, Any]) -> Engine:
    """An engine with the Faust settings that matter."""
    session = settings.session_timeout
    return Engine(
        settings.application,
        broker="kafka://" + settings.brokers.replace(",", ";kafka://"),
        store="memory://",
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        stream_buffer_maxsize=BUFFERED_CHUNKS,
        broker_commit_interval=settings.commit_interval,
        broker_session_timeout=session,
        broker_heartbeat_interval=min(session / 4, HEARTBEAT_SECONDS),
        broker_rebalance_timeout=REBALANCE_SECONDS,
        consumer_group_instance_id=settings.instance_id,
        consumer_max_fetch_size=FETCH_BYTES,
        logging_config=dict(logging_config),
        Worker=QuietWorker,
    )
