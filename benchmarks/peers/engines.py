"""The engines and their variants; `settings` tells what each got, and why."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.application import Application
from benchmarks.measured import Measured
from benchmarks.peers import java
from benchmarks.peers.packages import PYTHON
from keeping import ROOT

JOBS = Path(__file__).with_name("jobs")
# Seconds; less than the second after which the next checkpoint is looked for: else it is now and then too
# early for one by a hair, and the next one comes a second later.
COMMIT_PAUSE = "0.5"
FLOOR = ROOT / "benchmarks" / "floor.py"


class Ground(NamedTuple):
    """What one run gets."""

    bootstrap: str
    topic: str
    group: str
    folder: Path  # empty, for state on disk
    records: int  # in the topic


@dataclass(frozen=True)
class Variant:
    """An engine as it is run; `printed`: it prints its progress, else the group's offsets tell it. `needs`:
    what has to be there first, "java" or a package in the environment of the peers."""

    engine: str
    name: str
    start: Callable[[Ground], Measured] = field(compare=False)  # made anew each time
    printed: bool = False
    needs: str = ""
    part: int = 1  # of the events, one in so many

    @property
    def key(self) -> str:
        """Its name among all."""
        return f"{self.engine} {self.name}"


def kafka_streams(store: str, guarantee: str, threads: int) -> Callable[[Ground], Measured]:
    """Kafka Streams, one process."""

    def start(ground: Ground) -> Measured:
        arguments = [ground.bootstrap, ground.topic, ground.group, str(ground.folder)]
        return Measured([*java.command("kafka-streams"), *arguments, store, guarantee, str(threads)])

    return start


def flink(backend: str, parallelism: int) -> Callable[[Ground], Measured]:
    """Flink, everything in one process."""

    def start(ground: Ground) -> Measured:
        arguments = [ground.bootstrap, ground.topic, ground.group, str(ground.folder)]
        return Measured([*java.command("flink"), *arguments, backend, str(parallelism)])

    return start


def python(job: str, *arguments: str, **settings: str) -> Callable[[Ground], Measured]:
    """A job in the environment of the peers."""

    def start(ground: Ground) -> Measured:
        environment = {
            "BOOTSTRAP": ground.bootstrap,
            "TOPIC": ground.topic,
            "GROUP": ground.group,
            "FOLDER": str(ground.folder),
            "COUNT": str(ground.records),
            **settings,
        }
        return Measured([str(PYTHON), str(JOBS / job), *arguments], environment)

    return start


def floor(ground: Ground) -> Measured:
    """The same floor as that of `./dev bench`."""
    return Measured([sys.executable, str(FLOOR), ground.bootstrap, ground.topic, str(ground.records)])


def subpulse(module: str) -> Callable[[Ground], Measured]:
    """A worker of subpulse, one process."""

    def start(ground: Ground) -> Measured:
        application = Application(ground.bootstrap, ground.topic, ground.group)
        return application.worker(module, commit_pause=COMMIT_PAUSE)

    return start


def variants() -> Iterator[Variant]:
    """All of them, in the order in which a round runs them."""
    yield Variant("aiokafka", "floor", floor, printed=True)
    yield Variant("subpulse", "whole", subpulse("service.app"))
    yield Variant("subpulse", "job", subpulse("benchmarks.peers.restricted"))
    for threads in (1, 2):
        for store in ("rocksdb", "memory"):
            for short, guarantee in (("alo", "at_least_once"), ("eos", "exactly_once_v2")):
                name = f"{store}-{short}-{threads}"
                yield Variant("kafka-streams", name, kafka_streams(store, guarantee, threads), needs="java")
    for parallelism in (1, 2):
        for name, backend in (("rocksdb", "rocksdb"), ("heap", "hashmap")):
            start = flink(backend, parallelism)
            yield Variant("flink", f"{name}-{parallelism}", start, printed=True, needs="java")
    yield Variant("quix", "alo", python("quix.py", GUARANTEE="at-least-once"), needs="quixstreams")
    yield Variant("quix", "eos", python("quix.py", GUARANTEE="exactly-once"), needs="quixstreams")
    yield Variant("bytewax", "recovery", python("bytewax_flow.py"), printed=True, needs="bytewax")
    start = python("faust_table.py", "worker", "-l", "error", "--without-web")
    yield Variant("faust", "table", start, part=50, needs="faust-streaming")
