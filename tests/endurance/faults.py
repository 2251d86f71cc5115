"""What each kind of fault does. Each is a coroutine that strikes, waits, and mends what it did."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable, Mapping

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from service.embedded import Broker, BrokerError
from tests.endurance.cluster import Cluster
from tests.endurance.kinds import LAST
from tests.endurance.proxy import END_TXN, TXN_OFFSET_COMMIT, Trap
from tests.endurance.schedule import Fault
from tests.endurance.workforce import Place, Workforce

CALM = {
    "cleanup.policy": "compact",
    "max.message.bytes": str(8 << 20),
    "segment.bytes": str(1 << 20),
    "segment.ms": "3600000",
    "min.cleanable.dirty.ratio": "0.9",
    "delete.retention.ms": "100",
}
EAGER = {
    **CALM,
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "2000",
}
COUNTED = "subpulse_events_total{"
OWNER_SECONDS = 20.0  # for a worker to be at work
TRAP_SECONDS = 60.0  # for a commit to come along
COMPACTION_SECONDS = 5.0  # for the cleaner
WAKING_SECONDS = 6.0  # for the last zombie to do its worst
STARTS = 3  # of a broker, until one is given up
TRAPPED_SECONDS = 2.0  # for further ones of the same worker


class Faults:
    """Strikes at one storm's cluster and workers."""

    def __init__(self, cluster: Cluster, workforce: Workforce, changelog: str, session: float) -> None:
        self._cluster, self._workforce = cluster, workforce
        self._changelog, self._session = changelog, session
        self.settled = asyncio.Event()  # everything sent is applied
        self._broker, self._compaction, self._trap = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()
        self._kinds: Mapping[str, Callable[[Fault], Awaitable[str]]] = {
            "kill": self._kill,
            "restart": self._restart,
            "add": self._add,
            "remove": self._remove,
            "freeze": self._freeze,
            "freeze over compaction": self._freeze_over_compaction,
            LAST: self._freeze_to_the_end,
            "kill the broker": self._kill_the_broker,
            "cut": self._cut,
            "delay": self._delay,
            "half open": self._half_open,
            "cut before the commit": self._cut_before_the_commit,
            "cut after the commit": self._cut_after_the_commit,
            "compact": self._compact,
        }

    async def strike(self, fault: Fault) -> str:
        """Do it, and mend it; what was done in a few words, empty when there was nothing to strike at."""
        return await self._kinds[fault.kind](fault)

    async def _kill(self, fault: Fault) -> str:
        place = self._somebody(fault)
        if place is None:
            return ""
        place.busy = True
        self._workforce.kill(place)
        away = seconds(fault, 0.0, 1.5 * self._session)
        await asyncio.sleep(away)
        self._workforce.start(place)
        place.busy = False
        return f"worker {place.number}, away for {away:.1f} s"

    async def _restart(self, fault: Fault) -> str:
        place = self._somebody(fault)
        if place is None:
            return ""
        place.busy = True
        took = await self._workforce.stop(place)
        self._workforce.start(place)
        place.busy = False
        return f"worker {place.number} ended within {took:.1f} s"

    async def _add(self, fault: Fault) -> str:
        free = [p for p in self._of(fault) if not p.wanted and not p.busy]
        if not free:
            return ""
        self._workforce.start(free[0])
        return f"worker {free[0].number}"

    async def _remove(self, fault: Fault) -> str:
        place = self._somebody(fault)
        if place is None or sum(p.wanted for p in self._workforce.places) < 2:
            return ""
        place.busy, place.wanted = True, False
        took = await self._workforce.stop(place)
        place.busy = False
        return f"worker {place.number} ended within {took:.1f} s"

    async def _freeze(self, fault: Fault) -> str:
        return await self._freeze_while(fault, lambda: asyncio.sleep(seconds(fault, 2.0, 8.0)))

    async def _freeze_over_compaction(self, fault: Fault) -> str:
        return await self._freeze_while(fault, lambda: self._compaction_for(seconds(fault, 5.0, 9.0)))

    async def _freeze_to_the_end(self, fault: Fault) -> str:
        while not (done := await self._freeze_while(fault, self._compacted_and_settled)):
            await asyncio.sleep(0.2)
        await asyncio.sleep(WAKING_SECONDS)
        return done

    async def _compacted_and_settled(self) -> None:
        await self._compaction_for(COMPACTION_SECONDS)  # while others write: only then segments are rolled
        await self.settled.wait()

    async def _freeze_while(self, fault: Fault, meanwhile: Callable[[], Awaitable[None]]) -> str:
        """Freeze a worker that has something to lose, for its session and what comes after, then see."""
        place = await self._owner(fault)
        if place is None or place.worker is None:
            return ""
        place.busy, began = True, time.monotonic()
        place.worker.freeze()
        await asyncio.sleep(self._session + 1.0)
        await meanwhile()
        place.worker.thaw()
        frozen = time.monotonic() - began
        place.busy = False
        return f"worker {place.number} for {frozen:.1f} s"

    async def _kill_the_broker(self, fault: Fault) -> str:
        """One of three: the leader of the partition of the changelog that the seed says, and only when all
        replicas are in step again, as an operator would."""
        if self._broker.locked():
            return ""
        async with self._broker:
            number = await self._leader(fault.slots[0])
            broker = self._cluster.brokers[number]
            await asyncio.to_thread(broker.kill)
            away = seconds(fault, 0.0, 8.0)
            await asyncio.sleep(away)
            await asyncio.to_thread(start_at_last, broker)
            return f"broker {number + 1}, away for {away:.1f} s and its start"

    async def _leader(self, partition: int) -> int:
        if len(self._cluster.brokers) == 1:
            return 0
        while True:
            partitions = await self._described(self._changelog)
            if partitions and all(len(p["isr"]) == len(p["replicas"]) for p in partitions.values()):
                return int(partitions[partition % len(partitions)]["leader"]) - 1
            await asyncio.sleep(1)

    async def _described(self, topic: str) -> dict[int, dict]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._cluster.bootstrap)
        try:
            await admin.start()
            (found,) = await admin.describe_topics([topic])
            return {p["partition"]: p for p in found["partitions"]}
        except KafkaError:
            return {}
        finally:
            await admin.close()

    async def _cut(self, fault: Fault) -> str:
        places = self._struck(fault, everybody=fault.coin)
        for place in places:
            place.network.cut()
        return told(places)

    async def _delay(self, fault: Fault) -> str:
        places = self._struck(fault, everybody=fault.coin)
        each = seconds(fault, 0.05, 0.8)
        for place in places:
            place.struck = True
            place.network.slow_down(each)
        await asyncio.sleep(seconds(fault, 4.0, 10.0))
        for place in places:
            place.network.slow_down(0)
            place.struck = False
        return (places and f"{told(places)}: {each:.2f} s") or ""

    async def _half_open(self, fault: Fault) -> str:
        places = self._struck(fault, everybody=False)
        length = seconds(fault, 2.0, 25.0)
        for place in places:
            place.struck = True
            place.network.hold()
        await asyncio.sleep(length)
        for place in places:
            place.network.release(deliver=fault.coin)
            place.struck = False
        end = "then all arrived" if fault.coin else "then cut"
        return (places and f"{told(places)} for {length:.1f} s, {end}") or ""

    async def _cut_before_the_commit(self, fault: Fault) -> str:
        api = TXN_OFFSET_COMMIT if fault.coin else END_TXN
        return await self._trapped(fault, Trap(api, forwarded=False, times=1 + int(3 * fault.length)))

    async def _cut_after_the_commit(self, fault: Fault) -> str:
        """With silence afterwards the worker can find out only when it is too late."""
        silence = seconds(fault, 3.0, 25.0) if fault.coin else 0.0
        return await self._trapped(fault, Trap(END_TXN, forwarded=True, silence=silence))

    async def _trapped(self, fault: Fault, trap: Trap) -> str:
        """Whoever commits first walks into it."""
        if self._trap.locked():
            return ""
        async with self._trap:
            places = self._of(fault)
            before = {place.number: place.network.sprung for place in places}
            for place in places:
                place.network.set_trap(trap)
            caught: list[Place] = []
            limit = time.monotonic() + TRAP_SECONDS
            while not caught and time.monotonic() < limit:
                await asyncio.sleep(0.02)
                caught = [place for place in places if place.network.sprung > before[place.number]][:1]
            for place in places:
                if place not in caught:
                    place.network.set_trap(None)
            if not caught:
                return ""
            (place,) = caught
            place.struck = True
            await asyncio.sleep(TRAPPED_SECONDS + trap.silence)
            place.network.set_trap(None)
            place.struck = False
            silent = f", then {trap.silence:.1f} s of silence" if trap.silence else ""
            return f"{told(caught)}, {place.network.sprung - before[place.number]} times{silent}"

    async def _compact(self, fault: Fault) -> str:
        if self._compaction.locked():
            return ""
        length = seconds(fault, 4.0, 10.0)
        await self._compaction_for(length)
        return f"for {length:.1f} s"

    async def _compaction_for(self, length: float) -> None:
        async with self._compaction:
            await configure(self._cluster.bootstrap, self._changelog, EAGER)
            await asyncio.sleep(length)
            await configure(self._cluster.bootstrap, self._changelog, CALM)

    def _of(self, fault: Fault) -> list[Place]:
        return [self._workforce.places[n] for n in fault.slots]

    def _somebody(self, fault: Fault) -> Place | None:
        """The first place with a worker that no other fault is dealing with."""
        return next((p for p in self._of(fault) if p.running and p.wanted and not p.busy), None)

    async def _owner(self, fault: Fault) -> Place | None:
        """The first such place whose worker is seen at work; waits a while for one."""
        limit = time.monotonic() + OWNER_SECONDS
        while time.monotonic() < limit:
            for place in self._of(fault):
                if place.running and not place.busy and await asyncio.to_thread(is_at_work, place.port):
                    return place if place.running and not place.busy else None
            await asyncio.sleep(0.2)
        return None

    def _struck(self, fault: Fault, *, everybody: bool) -> list[Place]:
        """Places with a worker whose network no other fault is dealing with."""
        places = [p for p in self._of(fault) if p.running and not p.struck]
        return places if everybody else places[:1]


def is_at_work(port: int) -> bool:
    """Whether the worker behind this HTTP port serves partitions and has applied something."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            told = json.load(answer)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            lines = answer.read().decode().splitlines()
    except (OSError, ValueError):  # 503 too
        return False
    applied = [line for line in lines if line.startswith(COUNTED) and 'outcome="applied"' in line]
    return bool(told["phase"] == "running" and told["partitions"]) and any(
        float(line.rsplit(" ", 1)[1]) for line in applied
    )


def start_at_last(broker: Broker) -> None:
    """Start it, also where the machine has so much else to do that it does not answer in two minutes."""
    for _ in range(STARTS - 1):
        try:
            broker.start()
            return
        except BrokerError:
            continue
    broker.start()


async def configure(bootstrap: str, topic: str, settings: Mapping[str, str]) -> None:
    """Give a topic these settings; tries again while the broker is away."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(settings))
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await admin.start()
            await admin.alter_configs([resource])
            return
        except KafkaError:
            await asyncio.sleep(0.5)
        finally:
            await admin.close()


def seconds(fault: Fault, low: float, high: float) -> float:
    """The fault's length within a range."""
    return low + fault.length * (high - low)


def told(places: list[Place]) -> str:
    """Places in words."""
    numbers = ", ".join(str(place.number) for place in sorted(places, key=lambda place: place.number))
    return f"worker {numbers}" if len(places) == 1 else f"workers {numbers}" if places else ""
