"""The platform on which workers run: places for them, as many running as are wanted, and note of each end."""

import asyncio
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.embedded.ports import free_port
from service.leash import leashed
from tests.endurance.cluster import Network
from tests.stream.application import Worker

STOPPED, START_AGAIN = 0, 75  # exit codes that a worker may end with by itself
PAUSE = 0.5  # seconds before a worker that ended is started again
STOP_SECONDS = 60.0  # ten are promised, on a machine that has nothing else to do
COMMAND = (sys.executable, "-m", "faust", "-q", "-A", "service.app", "worker")


@dataclass
class Place:
    """Room for one worker at a time."""

    number: int
    network: Network
    port: int  # of its HTTP
    worker: Worker | None = None
    wanted: bool = False
    busy: bool = False  # a fault is dealing with the worker
    struck: bool = False  # a fault is dealing with the network
    told: tuple[int, ...] = ()  # signals sent to the worker by us

    @property
    def running(self) -> bool:
        """Whether a worker lives here (frozen or not)."""
        return self.worker is not None and self.worker.alive


@dataclass
class Workforce:
    """All places of one storm."""

    folder: Path
    environment: Mapping[str, str]
    places: list[Place]
    command: tuple[str, ...] = COMMAND
    endings: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)  # endings that must never be
    started: int = 0

    @classmethod
    def of(cls, folder: Path, environment: Mapping[str, str], networks: list[Network]) -> "Workforce":
        """A place for each network, nobody there yet."""
        return cls(folder, environment, [Place(n, net, free_port()) for n, net in enumerate(networks)])

    def start(self, place: Place) -> None:
        """Start a worker in a place. Those in odd places are static members of the group."""
        own = {
            "SUBPULSE_BROKERS": place.network.bootstrap,
            "SUBPULSE_HTTP_PORT": str(place.port),
            **({"SUBPULSE_INSTANCE_ID": f"place-{place.number}"} if place.number % 2 else {}),
        }
        log = self.folder / f"worker-{self.started:03}-in-{place.number}.log"
        place.worker = Worker({**self.environment, **own}, log, leashed(self.command))
        place.wanted, place.told = True, ()
        self.started += 1

    async def keep(self) -> None:
        """Start workers again that ended by themselves, for ever."""
        while True:
            for place in self.places:
                if place.wanted and not place.busy and place.worker and not place.worker.alive:
                    self.note_end(place)
                    await asyncio.sleep(PAUSE)
                    self.start(place)
            await asyncio.sleep(0.1)

    def note_end(self, place: Place) -> None:
        """Count how the worker of a place ended, and judge whether it may have."""
        assert place.worker is not None
        code = place.worker.process.poll()
        allowed = {START_AGAIN}
        if signal.SIGTERM in place.told:
            allowed |= {STOPPED, -signal.SIGTERM}  # the latter before it had installed its handlers
        if signal.SIGKILL in place.told:
            allowed |= {-signal.SIGKILL}
        self.endings[_named(code)] += 1
        if code not in allowed:
            tail = "\n    ".join(place.worker.text().splitlines()[-30:])
            self.wrong.append(f"a worker ended with {_named(code)} ({place.worker.log}):\n    {tail}")
        place.worker = None

    def kill(self, place: Place) -> None:
        """kill -9."""
        assert place.worker is not None
        place.told += (signal.SIGKILL,)
        place.worker.kill()
        self.note_end(place)

    async def stop(self, place: Place) -> float:
        """SIGTERM, and wait; seconds that it took."""
        assert place.worker is not None
        began, place.told = time.monotonic(), (*place.told, signal.SIGTERM)
        process = place.worker.process
        process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() - began < STOP_SECONDS:
            await asyncio.sleep(0.05)
        if process.poll() is None:
            self.wrong.append(f"SIGTERM did not end a worker in {STOP_SECONDS:.0f} s: {place.worker.log}")
            self.kill(place)
        else:
            self.note_end(place)
        return time.monotonic() - began

    def end(self) -> None:
        """Nobody keeps running."""
        for place in self.places:
            if place.worker and place.worker.alive:
                place.worker.thaw()
                place.worker.kill()


def _named(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
