"""Faust's consumer, changed to deliver whole chunks of records and to commit what the state contains."""

import asyncio
from typing import Any

from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types import ConsumerMessage

from service.stream.endings import BUG, PERSON_NEEDED, START_AGAIN, end
from service.stream.transport import ConsumerThread

# Seconds to wait for records. Stock Faust waits a whole one each time, and the agents stand idle meanwhile.
ALL_HELD_BACK = 0.002  # the agents have enough of every partition: nothing is asked for
SOME_HELD_BACK = 0.01  # of the others there may be nothing, and the agents soon want more
NONE_HELD_BACK = 1.0


class Consumer(driver.Consumer):  # type: ignore[misc]
    """One message per partition and up to `chunk` records; its value is (era, records)."""

    app: Any

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        """The only place that seeks, fetches and delivers, so nothing is lost in between.

        Whatever is dropped, here or by an agent, belongs to an era that is over, and each era begins with a
        seek to what the state contains.
        """
        store, sought = self.app.store, None
        handed: dict[Any, int] = {}  # per source partition the last offset delivered in this era
        try:
            while not (self.should_stop or fetcher.should_stop):
                await asyncio.sleep(0)
                if not self.flow_active:
                    await self.wait(self.can_resume_flow)
                    continue
                if not (active := self._get_active_partitions()):
                    await asyncio.sleep(ALL_HELD_BACK)
                    continue
                if sought != store.era:
                    sought, handed = store.era, {}
                    if not await self._seek_to_state():
                        sought = None
                        continue
                held_back = bool(self._buffered_partitions)
                fetched = await self._fetched(active, SOME_HELD_BACK if held_back else NONE_HELD_BACK)
                if sought == store.era:
                    self._refuse_going_back(fetched, handed)
                if not (fetched or held_back):
                    store.nothing_waits()
                for tp, records in fetched.items():
                    if not await self._deliver(tp, records, sought, handed):
                        sought = None  # the fetch may have begun in the old era, and eaten records of the new
                        break
                if sought == store.era and self.app.positions_wanted:
                    await self._note_positions(sought, handed)
        except (asyncio.CancelledError, *self.consumer_stopped_errors):
            if not self.app.should_stop:  # else Faust's Fetcher turns a stop in mid-rebalance into a crash
                raise

    async def _seek_to_state(self) -> bool:
        """False when the partitions were revoked meanwhile."""
        parts = self.app.store.parts
        mine = [tp for tp in self.assignment() if tp.partition in parts]
        try:
            await self.seek_wait({tp: parts[tp.partition].resume_at.get(tp.topic, 0) for tp in mine})
        except IllegalStateError:
            return False
        return True

    async def _fetched(self, active: Any, seconds: float) -> Any:
        """What comes within so many seconds; ends the process where the next records are gone."""
        try:
            return await self._getmany(active_partitions=active, timeout=seconds)
        except NoOffsetForPartitionError:
            return {}  # just assigned, and not yet sought
        except OffsetOutOfRangeError as error:
            places = ", ".join(f"{tp.topic}-{tp.partition} from {at}" for tp, at in error.args[0].items())
            end(
                START_AGAIN,
                f"cannot read {places}: no longer there; starting again finds out what is missing",
            )

    def _refuse_going_back(self, fetched: Any, handed: dict[Any, int]) -> None:
        """Nobody sought, and yet older offsets come: the broker has reset us, this is another log."""
        for tp, records in fetched.items():
            if records and records[0].offset <= handed.get(tp, -1):
                end(
                    PERSON_NEEDED,
                    f"{tp.topic}-{tp.partition} went back to offset {records[0].offset}: the topic was "
                    "created anew under a running worker; give it a new name, or start the application anew",
                )

    async def _deliver(self, tp: Any, records: Any, era: int | None, handed: dict[Any, int]) -> bool:
        """Hand the records to the agent in chunks; False when the era is over."""
        store, size = self.app.store, self.app.chunk
        for i in range(0, len(records), size):
            if era != store.era or not self.flow_active:
                return False
            part, generation = records[i : i + size], self.app.consumer_generation_id
            last = part[-1]
            handed[tp] = last.offset
            await self.callback(
                ConsumerMessage(
                    tp.topic,
                    tp.partition,
                    last.offset,
                    last.timestamp / 1000,
                    last.timestamp_type,
                    (),
                    None,
                    (era, part),
                    None,
                    -1,
                    -1,
                    tp,
                    generation_id=generation,
                )
            )
            await asyncio.sleep(0)
        return True

    async def _note_positions(self, era: int, handed: dict[Any, int]) -> None:
        """Positions run ahead of records where a source holds markers of transactions; here nothing is in
        flight between the fetch and the agents' queues, so both can be told together."""
        store = self.app.store
        self.app.positions_wanted = False
        for tp in self.assignment():
            if tp.partition not in store.parts:
                continue
            try:
                position = await self.position(tp)
            except IllegalStateError:
                return
            if era != store.era:
                return
            owned = store.parts[tp.partition]
            delivered = handed[tp] + 1 if tp in handed else owned.resume_at.get(tp.topic, 0)
            owned.passed[tp.topic] = (delivered, position or 0)

    async def perform_seek(self) -> None:
        """Faust calls this after partitions were taken; each era seeks by itself."""

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Called by Faust's timer, before a rebalance and at the end (where `let_go` saves in any case).

        What is committed is what the state contains, not what Faust counts as acknowledged.
        """
        await self.app.store.save_when_due()
        self._acked.clear()  # nobody else empties them now
        self._acked_index.clear()
        return True

    async def _commit(self, offsets: Any) -> bool:
        end(BUG, "offsets are committed only inside the checkpoint's transaction")

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Faust's watchdog reads acknowledgements and its own commits: it would complain for ever."""

    async def on_stop(self) -> None:
        """Wait for the agents, save and let go; then the group is left."""
        self.app.store.stop_soon()
        await super().on_stop()
        await self.app.store.let_go()

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Save before Faust forgets what it owned."""
        await self.app.store.let_go()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        """Refuse an assignment that would tear customers apart."""
        numbers = {
            topic: sorted(tp.partition for tp in assigned if tp.topic == topic) for topic in self.app.sources
        }
        if len({tuple(n) for n in numbers.values()}) > 1:
            end(
                PERSON_NEEDED,
                f"customers would be torn apart, partitions by topic are {numbers}: all source topics must "
                "have the same number of partitions; bring them to that, and then `subpulse rebuild`",
            )
        await super().on_partitions_assigned(assigned, generation_id)


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's transport with that consumer."""

    Consumer = Consumer
