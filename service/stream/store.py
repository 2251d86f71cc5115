"""The order in which partitions are taken, saved and let go."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace

from aiokafka.errors import IllegalOperation, KafkaError, ProducerFenced

from service.stream.bound import Bound
from service.stream.checkpoint import Checkpoint
from service.stream.endings import BUG, PERSON_NEEDED, START_AGAIN, end
from service.stream.owned import Owned
from service.stream.recovery import Recovery, RefusalError
from service.stream.status import Status
from service.stream.telemetry import Telemetry

FENCE_LIMIT = 30.0  # seconds; a former owner's open transaction ends sooner
COMMIT_LIMIT = 20.0  # seconds; below the transaction timeout: the broker aborts nothing we still hope for
LAST_COMMIT_LIMIT = 6.0  # seconds; who was told to stop has ten
LONG_AGO = -math.inf
REST = 32.0  # times as long as a checkpoint took, until the next one, while history is read
# Fenced by a newer owner, or nobody knows; of a batch after a refused one aiokafka says that it is illegal.
REFUSED_OR_UNKNOWN = (KafkaError, IllegalOperation, TimeoutError, AssertionError, OSError)

log = logging.getLogger("subpulse.stream")


class Store:
    """The partitions of this worker.

    take:   1. fence  2. read the changelog to its end  3. compare with the sources  4. note where they begin
            5. hand out
    save:   every commit interval, when much has changed, and when there are figures of now; one transaction
            per partition
    let go: 1. refuse what was fetched before  2. save  3. keep clean state, only until the next `take`, which
            fences and reads on from there

    `era` changes whenever partitions are taken or let go; chunks of an older era are dropped by whoever holds
    them. A group generation cannot stand for it: it is set before the state is there.
    """

    def __init__(
        self,
        new: Callable[[int], Owned],
        checkpoint: Checkpoint,
        recovery: Recovery,
        telemetry: Telemetry,
        status: Status,
        instance_id: str | None = None,
        longest_pause: float = 0.0,
    ) -> None:
        """`longest_pause`: seconds that two checkpoints may be apart while history is read."""
        self.parts: dict[int, Owned] = {}
        self.era = 0
        self._newly_taken = asyncio.Event()
        self._parked: dict[int, Owned] = {}
        self._new, self._checkpoint, self._recovery = new, checkpoint, recovery
        self._telemetry, self._status, self._instance_id = telemetry, status, instance_id
        self._lock = asyncio.Lock()
        self._saved_at, self._save_took = LONG_AGO, 0.0  # seconds, monotonic
        self._longest_pause = longest_pause
        self._bound = Bound()

    def use(self, changelog: str) -> None:
        """Where the records are kept; known once the broker is reached, before anything is taken."""
        self._checkpoint = replace(self._checkpoint, changelog=changelog)
        self._recovery.changelog = changelog

    @property
    def changelog(self) -> str:
        """The topic where the records are kept."""
        return self._checkpoint.changelog

    async def take(self, numbers: Collection[int]) -> None:
        """Bring these partitions up to date, and hand them out.

        Ends the process when that cannot be done.
        """
        era, parked, self._parked = self.era, self._parked, {}
        parts = {n: parked.get(n) or self._new(n) for n in sorted(numbers)}
        self._status.enter("recovering")
        self._status.assigned, self._status.recovered = frozenset(parts), False
        began = time.monotonic()
        try:
            async with asyncio.timeout(FENCE_LIMIT):
                await asyncio.gather(*(self._checkpoint.fence(p) for p in parts.values()))
            await self._recovery.read(parts)
            if era == self.era:
                async with asyncio.timeout(COMMIT_LIMIT):
                    await asyncio.gather(*(self._checkpoint.begin(p) for p in parts.values()))
        except RefusalError as refusal:
            end(PERSON_NEEDED, str(refusal))
        except Exception as error:
            failed = isinstance(error, (KafkaError, TimeoutError, OSError))
            told = f"cannot take partitions {sorted(parts)}: {error!r}{self._advice(error)}"
            end(START_AGAIN if failed else BUG, told)
        if era != self.era:  # let go while we were reading: the next `take` starts over
            await asyncio.gather(*(p.producer.stop() for p in parts.values()))
            return
        self.parts, self.era = parts, era + 1
        for owned in parts.values():
            owned.taken()
        self._newly_taken.set()
        self._telemetry.recovery.observe(time.monotonic() - began)
        self._status.enter("running")
        self._status.took(frozenset(parts))
        held = sum(p.records.customers_held for p in parts.values())
        log.info("took partitions %s: %s customers in %.2f s", sorted(parts), held, time.monotonic() - began)

    async def taken_within(self, seconds: float) -> bool:
        """Wait until partitions are taken, so many seconds at most; whether they were, since last asked."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._newly_taken.wait()
        taken = self._newly_taken.is_set()
        self._newly_taken.clear()
        return taken

    def stop_soon(self) -> None:
        """The platform has told us to end: no more long waits."""
        self._status.enter("stopping")

    async def save_when_due(self) -> None:
        """A checkpoint, unless history is read and after the last one it is too early for another.

        Every record changes again and again then, and is written again each time: fewer checkpoints are less
        work. Otherwise they are always due, whatever the load, for figures are told with them.
        """
        early = time.monotonic() - self._saved_at < min(REST * self._save_took, self._longest_pause)
        if not early or all(owned.complete() for owned in self.parts.values()):
            await self.save()

    def nothing_waits(self) -> None:
        """The sources hold nothing that has not been handed out: the next checkpoint is due."""
        self._saved_at = LONG_AGO

    async def save(self) -> None:
        """One checkpoint of every partition; ends the process when one is refused or its outcome unknown."""
        await self._save_in_turn(lambda: True)

    async def make_room(self) -> None:
        """To be awaited after every few records: others get their turn; and when as much has changed as one
        checkpoint should hold, it is written before more changes."""
        await asyncio.sleep(0)
        if self._full():
            await self._save_in_turn(self._full)

    async def _save_in_turn(self, wanted: Callable[[], bool]) -> None:
        """Save, if that is still `wanted` after whoever saves now."""

        async def save() -> None:
            async with self._lock:
                if wanted():
                    await self._save()

        # Whoever awaits this may be cancelled, and a transaction must not be cut in half.
        await asyncio.shield(asyncio.ensure_future(save()))

    def _full(self) -> bool:
        return self._unwritten() >= self._bound.rows

    def _unwritten(self) -> int:
        return sum([owned.unwritten for owned in self.parts.values()])

    async def _save(self) -> None:
        began, rows = time.monotonic(), self._unwritten()
        moved = any(p.moved for p in self.parts.values())
        try:
            async with asyncio.timeout(LAST_COMMIT_LIMIT if self._status.stopping else COMMIT_LIMIT):
                written = await asyncio.gather(*(self._checkpoint.save(p) for p in self.parts.values()))
        except Exception as error:
            expected = isinstance(error, REFUSED_OR_UNKNOWN)
            told = f"checkpoint refused or its outcome unknown: {error!r}{self._advice(error)}"
            end(START_AGAIN if expected else BUG, told)
        self._saved_at = time.monotonic()
        self._save_took = self._saved_at - began
        self._bound.learn(rows, self._save_took)
        for owned in self.parts.values():
            self._telemetry.insights.update(owned.said)
            owned.said.clear()
        if any(written):
            self._telemetry.checkpoint.observe(self._save_took)
            self._status.saw_broker()
        if moved or not any(p.waits for p in self.parts.values()):
            self._status.committed()

    def _advice(self, error: Exception) -> str:
        """Two workers of one name put each other out for ever; which of them is right nobody can know."""
        if self._instance_id is None or not isinstance(error, ProducerFenced):
            return ""
        return (
            "; another worker has taken over. If that goes on, it has the same instance_id "
            f"({self._instance_id!r}): give each worker one of its own"
        )

    async def let_go(self) -> None:
        """Save and park everything; what is still in flight for this era will be dropped."""
        self.era += 1
        await self.save()
        self._parked, self.parts = self.parts, {}
        self._status.enter("joining the group")
        self._status.recovered = False
        await asyncio.gather(*(p.producer.stop() for p in self._parked.values()))

    async def crashed(self, owned: Owned, topic: str, offset: int, why: str) -> None:
        """Applying this record raised: write that down, then end the process.

        The records of the partition may be half changed, so nothing of it is saved any more; after the second
        crash the record is a dead letter.
        """
        owned.broken = True
        self.era += 1
        async with self._lock:
            place = f"{topic}/{owned.number}/{offset}"
            try:
                async with asyncio.timeout(COMMIT_LIMIT):
                    mark = await self._checkpoint.mark_crash(owned, topic, offset)
            except Exception as error:
                end(START_AGAIN, f"crashed on {place} ({why}), and could not write that down: {error!r}")
            then = (
                "it goes to the dead letters next time" if mark.times >= 2 else "it will be tried once more"
            )
            end(START_AGAIN, f"crashed on {place} for the {mark.times}. time ({why}): {then}")
