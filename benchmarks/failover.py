"""How long nobody serves a partition after one of two workers was killed.

Two workers share the partitions of many customers. One is killed with SIGKILL; the clock stops when the other
has taken all partitions, its state included. Until the session timeout the broker believes in the dead one,
and by the eager protocol everybody stands still while the group is rebalanced.
"""

import argparse
import asyncio
import re
import statistics
import sys
import time
from datetime import UTC, datetime
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.application import PARTITIONS, Application
from benchmarks.load import fill
from benchmarks.measured import Measured
from benchmarks.options import whole_number
from service.embedded import Broker

ORDERS_EACH = 12
SESSION = 10  # seconds; the default
PATIENCE = 1_800  # seconds, to read it all
TOOK = re.compile(r"^(\S+Z) \[info\] took partitions \[([\d, ]*)\]: (\d+) customers in ([\d.]+) s", re.M)
console = Console(highlight=False)


class Failover(NamedTuple):
    """Seconds from SIGKILL on, by what passes them."""

    noticed: float  # until the group has been rebalanced and taking begins
    recovery: float  # fence, changelog, comparison with the sources
    customers: int  # of all partitions that the survivor then holds

    @property
    def total(self) -> float:
        """Until all partitions are served again."""
        return self.noticed + self.recovery


def main() -> None:
    """Fill, then kill again and again; prints each round and the medians."""
    parser = argparse.ArgumentParser(prog="./dev bench failover", description=__doc__)
    parser.add_argument("--customers", type=whole_number, default=200_000, help="with 12 orders each")
    parser.add_argument("--rounds", type=whole_number, default=3, help="times that a worker is killed")
    parser.add_argument("--session", type=float, default=SESSION, help="session timeout, seconds")
    chosen = parser.parse_args()
    with Broker() as broker:
        asyncio.run(measure(broker, chosen.customers, chosen.rounds, chosen.session))


async def measure(broker: Broker, customers: int, rounds: int, session: float) -> None:
    """All rounds on one application."""
    application = Application(broker.bootstrap, "failover-orders")
    await application.create()
    fill(broker.bootstrap, "failover-orders", customers * ORDERS_EACH, customers, apart=1.0)
    await read_all(application, customers * ORDERS_EACH)
    workers = [application.worker(session_timeout=str(session)) for _ in range(2)]
    try:
        found = []
        for number in range(rounds):
            console.print(f"Round {number + 1} of {rounds} …")
            await until_shared(workers)
            found.append(await failover(workers))
            workers[0].end()
            workers = [workers[1], application.worker(session_timeout=str(session))]
        show(found, session)
    finally:
        for worker in workers:
            worker.end()


async def read_all(application: Application, count: int) -> None:
    """Have a worker apply everything."""
    worker = application.worker()
    try:
        await application.until_committed(count, by=[worker], seconds=PATIENCE)
        worker.process.terminate()
        await asyncio.to_thread(worker.process.wait)
    finally:
        worker.end()


async def until_shared(workers: list[Measured], seconds: float = 300) -> None:
    """Until both workers hold partitions, and together all."""
    limit = time.monotonic() + seconds
    while sum(len(numbers) for _, numbers, _, _ in map(last_taken, workers)) != PARTITIONS or not all(
        last_taken(worker)[1] for worker in workers
    ):
        if time.monotonic() > limit:
            raise RuntimeError("the two workers do not share the partitions")
        await asyncio.sleep(0.2)
    await asyncio.sleep(5)  # at rest


async def failover(workers: list[Measured], seconds: float = 300) -> Failover:
    """Kill the first worker, and wait for the second."""
    victim, survivor = workers
    killed = time.time()
    victim.process.kill()
    limit = time.monotonic() + seconds
    while len((taken := last_taken(survivor))[1]) < PARTITIONS:
        if time.monotonic() > limit:
            raise RuntimeError(f"the survivor holds {taken[1]} only")
        await asyncio.sleep(0.05)
    at, _, customers, recovery = taken
    return Failover(at - killed - recovery, recovery, customers)


def last_taken(worker: Measured) -> tuple[float, list[int], int, float]:
    """When, which partitions, how many customers and in how many seconds, as the worker's log says."""
    lines = TOOK.findall(worker.log.read_text(errors="replace"))
    if not lines:
        return 0.0, [], 0, 0.0
    when, numbers, customers, took = lines[-1]
    at = datetime.fromisoformat(when.rstrip("Z")).replace(tzinfo=UTC).timestamp()
    return at, [int(n) for n in numbers.split(",") if n.strip()], int(customers), float(took)


def show(found: list[Failover], session: float) -> None:
    """A table of all rounds, medians last."""
    table = Table("round", "until noticed, s", "recovery, s", "all served again, s", "customers held")
    for number, one in enumerate(found, 1):
        table.add_row(
            str(number), f"{one.noticed:.1f}", f"{one.recovery:.2f}", f"{one.total:.1f}", f"{one.customers:,}"
        )
    seconds = zip(*((one.noticed, one.recovery, one.total) for one in found), strict=True)
    table.add_row("median", *(f"{statistics.median(values):.1f}" for values in seconds), "")
    console.print(table)
    console.print(f"Session timeout {session:g} s; the survivor held half of the partitions before.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
