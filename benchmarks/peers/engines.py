"""The engines, their variants, and the settings that each got, with the reasons."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from benchmarks.application import Application, Measured
from benchmarks.peers import java

ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / ".cache" / "peers" / "venv" / "bin" / "python"
JOBS = Path(__file__).with_name("jobs")
FLOOR = ROOT / "benchmarks" / "floor.py"
Needs = Literal["", "java"]


class Ground(NamedTuple):
    """What one run gets."""

    bootstrap: str
    topic: str
    group: str
    folder: Path  # empty, for state on disk
    records: int  # in the topic


@dataclass(frozen=True)
class Variant:
    """An engine as it is run; `printed`: it prints its progress, else the group's offsets tell it."""

    engine: str
    name: str
    start: Callable[[Ground], Measured]
    printed: bool = False
    needs: Needs = ""
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
        return Application(ground.bootstrap, ground.topic, ground.group).worker(module)

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
    yield Variant("quix", "alo", python("quix.py", GUARANTEE="at-least-once"))
    yield Variant("quix", "eos", python("quix.py", GUARANTEE="exactly-once"))
    yield Variant("bytewax", "recovery", python("bytewax_flow.py"), printed=True)
    start = python("faust_table.py", "worker", "-l", "error", "--without-web")
    yield Variant("faust", "table", start, part=50)


SETTINGS = {
    "aiokafka": "The floor: `getmany`, orjson and a dict, nothing durable. What a Python process spends on "
    "reading alone.",
    "subpulse": "`whole`: a worker as it ships, all settings at their defaults: full records, facts, "
    "summaries, exposition, and one fenced transaction a checkpoint: each second or, while history is read, "
    "up to ten seconds apart. `job`: the same stream layer with count, sum and last time in the place of "
    "records.",
    "kafka-streams": "`commit.interval.ms` 1000 (the default is 30 s at-least-once and 100 ms exactly-once; "
    "one second for all peers, for what is not committed is read again after a crash). The topic is keyed by "
    "customer, so nothing is repartitioned. Record cache, RocksDB and producer as they come; 1 GiB of heap. "
    "`alo`: at-least-once, `eos`: exactly-once v2; the number is `num.stream.threads`.",
    "flink": "Aligned exactly-once checkpoints each second into a local folder, incremental with RocksDB; "
    "object reuse on, tuples between operators and in state, the leanest that Flink offers; one process "
    "without network hops, JobManager apart or web interface; 1 GiB of heap. Durable is what a completed "
    "checkpoint holds; the offsets reach Kafka later. The number is the parallelism: source and keyed "
    "operator are a thread each. The checkpoint stays on the local disk, so the broker has less to do than "
    "with those who write a changelog.",
    "quix": "RocksDB state with its changelog topic, `commit_interval` 1 s (the default is 5). `alo`: "
    "at-least-once, `eos`: exactly-once.",
    "bytewax": "Kafka source in batches of 1,000, orjson, recovery into SQLite with an epoch a second. It "
    "keeps its offsets there, and not in Kafka; the clock starts with what is processed and stops when the "
    "last snapshot is written.",
    "faust": "An agent and a Table in memory with its changelog, a commit a second; one in 50 events.",
}
