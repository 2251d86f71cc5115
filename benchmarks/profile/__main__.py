"""`python -m benchmarks.profile`: stages by sampling, and by switching them off."""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks import throughput
from benchmarks.application import create
from benchmarks.load import fill
from benchmarks.machine import broker as broker_version
from benchmarks.machine import machine
from benchmarks.measured import Measured, Speed
from benchmarks.options import output, parse, whole_number
from benchmarks.profile import spy, stages
from benchmarks.scale import mixed
from keeping import page
from service.embedded import Broker

NAME, FLAMES, TOPIC = "profile", "performance-profile.svg", "profile-orders"
HELP = """\
What a worker spends on an event, microseconds of CPU by stage, in two ways: by a sampling profiler (py-spy)
beside a whole worker, and by workers of which less is switched on. Of orders alone, and of a mixed stream.

  ./dev bench profile                   three rounds of a million events
  ./dev bench profile --quick           one round of 200,000 events
  ./dev bench profile --flames FILE     also a flame graph (SVG)
  ./dev bench profile --write           tables and flame graph into docs/
"""
WHOLE, SCRAPED = "… refresh (a whole worker)", "… and scraped each second"
MIXED = f"the same, {mixed.SHARE:.0%} of the events of subscriptions, {mixed.ITEMS} items in an order"
OFF = "3600"  # seconds: no refresh while it is measured
OFTEN = "0.5"  # seconds; each second a checkpoint is looked for, and so none is too early
console = Console(stderr=True, highlight=False)


class Cost(NamedTuple):
    """Microseconds of CPU for each event, of several rounds."""

    median: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lowest:.2f} … {self.highest:.2f})"

    @classmethod
    def of(cls, rounds: list[float]) -> "Cost":
        """What each of the rounds took, told as one."""
        return cls(statistics.median(rounds), min(rounds), max(rounds))


class Found(NamedTuple):
    """What was found: microseconds of CPU for each event."""

    ladder: dict[str, Cost]
    by_stage: dict[str, dict[str, float]]
    """Of orders alone and of the mixed stream: share x what the same worker, scraped, spends without the
    profiler."""


Beside = Callable[[Measured], AbstractContextManager[object]]


def main() -> None:
    """Measure, print, and write what is asked for."""
    asked = _arguments()
    with Broker() as broker:
        asyncio.run(create(broker.bootstrap, TOPIC))
        fill(broker.bootstrap, TOPIC, asked.events, asked.customers, 0.001)
        found = measure(broker, asked.events, asked.rounds)
        if flames := page.DOCS / FLAMES if asked.write else asked.flames:
            console.print("Once more, for the flame graph …")
            draw(broker, asked.events, flames)
    for headings, rows in tables(found):
        table = Table(*headings)
        for row in rows:
            table.add_row(*row)
        Console(highlight=False).print(table)
    if asked.json:
        asked.json.write_text(json.dumps(found._asdict(), indent=2) + "\n", "utf-8")
    if asked.write:
        page.put(NAME, text(found, asked.events, asked.customers))


def measure(broker: Broker, count: int, rounds: int) -> Found:
    """The ladder in alternating rounds, medians; then a whole worker with the profiler beside it."""

    def worker(module: str = throughput.WORKER, **settings: str) -> Speed:
        return throughput.whole(broker, TOPIC, count, module, settings=settings)

    def orders_only(beside: Beside) -> Speed:
        return throughput.whole(broker, TOPIC, count, beside=beside)

    def mixture(beside: Beside) -> Speed:
        row = mixed.measure(mixed.SHARE, count, broker, beside)
        return Speed(row["events/s"], row["events per CPU s"])

    steps: dict[str, Callable[[], Speed]] = {
        "raw aiokafka, orjson and a dict; nothing durable": lambda: throughput.floor(broker, TOPIC, count),
        "fetch, Faust, positions": lambda: worker("benchmarks.profile.reading"),
        "… decode and judge": lambda: worker("benchmarks.profile.judging"),
        "… apply and checkpoint": lambda: worker(refresh_interval=OFF),
        WHOLE: worker,
        SCRAPED: lambda: orders_only(scraped),
        MIXED: lambda: mixture(scraped),
        "a whole worker, its loop over orders not compiled": lambda: worker(
            "benchmarks.profile.not_compiled"
        ),
        "a whole worker that does not look for garbage": lambda: worker("benchmarks.profile.uncollected"),
        "a whole worker with checkpoints about a second apart": lambda: worker(commit_pause=OFTEN),
    }
    runs: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(1, rounds + 1):
        for name, step in steps.items():
            cost = 1e6 / step().events_per_cpu_second
            runs[name].append(cost)
            console.print(f"round {number} of {rounds}: {name}: {cost:.2f} µs an event")
    ladder = {name: Cost.of(costs) for name, costs in runs.items()}
    console.print("With the profiler …")
    by_stage = {
        name: {stage: share * ladder[name].median for stage, share in profiled(run).items()}
        for name, run in ((SCRAPED, orders_only), (MIXED, mixture))
    }
    return Found(ladder, by_stage)


def profiled(run: Callable[[Beside], object]) -> dict[str, float]:
    """Of each stage its share, while a whole worker is scraped each second."""
    with tempfile.TemporaryDirectory(prefix="subpulse-profile-") as folder:
        file = Path(folder) / "stacks"

        @contextmanager
        def watched(worker: Measured) -> Iterator[None]:
            with spy.recording(worker, file, "raw", "--threads"), scraped(worker):
                yield

        run(watched)
        return stages.shares(file.read_text("utf-8").splitlines())


def draw(broker: Broker, count: int, file: Path) -> None:
    """A flame graph of a whole worker."""

    def watched(worker: Measured) -> AbstractContextManager[None]:
        return spy.recording(worker, file, "flamegraph", "--function")

    throughput.whole(broker, TOPIC, count, beside=watched)


@contextmanager
def scraped(worker: Measured) -> Iterator[None]:
    """Ask for all metrics each second, fifteen times as often as Prometheus does."""
    done = threading.Event()

    def scrape() -> None:
        while not done.wait(1.0):
            with urllib.request.urlopen(f"{worker.address()}/metrics") as answer:
                answer.read()

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def tables(found: Found) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Headings and rows of the two."""
    cost = "µs of CPU an event"
    yield (
        ("switched on", f"{cost}: median (lowest … highest round)"),
        [(name, str(value)) for name, value in found.ladder.items()],
    )
    columns = found.by_stage.values()
    rows = [(stage, *(f"{column[stage]:.2f}" for column in columns)) for stage in stages.STAGES]
    yield ("stage", f"{cost}: orders only", "a mixed stream"), rows


def text(found: Found, events: int, customers: int) -> str:
    """For the page."""
    ladder, by_stage = (page.table(headings, rows) for headings, rows in tables(found))
    measured = f"{machine()}, Kafka {broker_version()}; {events:,} orders of {customers:,} customers"
    return f"Measured on: {measured}.\n\n{ladder}\n{by_stage}\n![Flame graph of a whole worker]({FLAMES})\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench profile", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--events", type=whole_number, default=1_000_000, help="order events (1,000,000)")
    add("--customers", type=whole_number, default=50_000, help="how many have placed them (50,000)")
    add("--rounds", type=whole_number, default=3, help="alternating rounds of the ladder (3)")
    add("--quick", action="store_true", help="a taste: 200,000 events, one round")
    add("--flames", type=output, metavar="FILE", help="write a flame graph (SVG) there")
    add("--json", type=output, metavar="FILE", help="write the figures there")
    add("--write", action="store_true", help="tables and flame graph into docs/")
    asked = parse(parser)
    if asked.quick:
        asked.events, asked.rounds = min(asked.events, 200_000), 1
    return asked


if __name__ == "__main__":
    try:
        main()
    except spy.NotAllowedError as error:
        sys.exit(f"./dev bench profile: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
