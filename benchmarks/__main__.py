"""`python -m benchmarks`: a worker beside the floor, and at rest."""

import argparse
import asyncio
import json
import sys

from rich.console import Console
from rich.table import Table

from benchmarks import recovery, residence, throughput
from benchmarks.application import create
from benchmarks.load import fill
from benchmarks.measured import Speed
from benchmarks.options import output, whole_number
from service.embedded import Broker

HELP = """\
Events a second of a whole worker, beside raw aiokafka with a dict (the floor), in alternating rounds; then
what a worker takes at rest, and how fast it reads its changelog.

  ./dev bench --quick       a taste
  ./dev bench               some minutes

Further ones, each with a --help of its own:

  ./dev bench profile       where the time of a worker goes
  ./dev bench peers         beside Kafka Streams, Flink, Quix Streams, Bytewax and Faust
  ./dev bench scale         as customers, load and workers grow
  ./dev bench embedded      records in memory and in RocksDB
  ./dev bench failover      how long figures stand still when a worker is killed
"""
BAR = 0.6  # of the floor, per CPU second
console = Console(highlight=False)


def main() -> None:
    """Throughput always; recovery, memory and refresh unless `--quick`."""
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--json", type=output, metavar="FILE", help="write what was found there")
    add("--events", type=whole_number, default=600_000, help="order events to process (600,000)")
    add("--rounds", type=whole_number, default=3, help="alternating rounds (3)")
    add("--customers", type=whole_number, default=200_000, help="customers for memory and refresh (200,000)")
    add("--quick", action="store_true", help="only the events a second")
    chosen = parser.parse_args()
    with Broker() as broker:
        found = speeds(broker, chosen.events, chosen.rounds)
        if not chosen.quick:
            found.append(at_rest(broker, chosen.customers))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")


def speeds(broker: Broker, events: int, rounds: int) -> list[dict[str, object]]:
    """Floor and worker in turn; prints a table."""
    asyncio.run(create(broker.bootstrap, "bench-orders"))
    fill(broker.bootstrap, "bench-orders", events, 50_000, apart=0.001)
    results: dict[tuple[str, str], list[Speed]] = {
        ("aiokafka", "floor"): [],
        ("subpulse", "whole"): [],
    }
    for number in range(rounds):
        console.print(f"Round {number + 1} of {rounds} …")
        results["aiokafka", "floor"].append(throughput.floor(broker, "bench-orders", events))
        results["subpulse", "whole"].append(throughput.whole(broker, "bench-orders", events))
    table = Table("engine", "variant", "events/s", "events/CPU s", "lowest … highest per CPU s")
    found: list[dict[str, object]] = []
    for (engine, variant), runs in results.items():
        middle = throughput.medians(runs)
        found.append(
            {"engine": engine, "variant": variant, **{k: round(v) for k, v in middle._asdict().items()}}
        )
        per_cpu = sorted(run.events_per_cpu_second for run in runs)
        spread = f"{per_cpu[0]:,.0f} … {per_cpu[-1]:,.0f}"
        table.add_row(engine, variant, *(f"{value:,.0f}" for value in middle), spread)
    console.print(table)
    ratios = [
        s.events_per_cpu_second / f.events_per_cpu_second
        for f, s in zip(results["aiokafka", "floor"], results["subpulse", "whole"], strict=True)
    ]
    told = ", ".join(f"{ratio:.0%}" for ratio in ratios)
    console.print(f"Share of the floor per CPU second, round by round: {told} (bar: {BAR:.0%})")
    return found


def at_rest(broker: Broker, customers: int) -> dict[str, object]:
    """Memory, refresh and recovery with 12 orders each; prints and returns them."""
    console.print(f"{customers:,} customers with 12 orders each …")
    found, application = residence.measure(broker, customers, 12)
    console.print(f"Memory: {found.bytes_per_customer:,.0f} bytes per customer (bar: 1,024, at 1,000,000)")
    console.print(
        f"At rest, refreshing every {found.refresh_interval:.1f} s (bar: 5): {found.share_of_core:.1%} of "
        f"a core, of which {found.empty_share_of_core:.1%} also without customers (bar: 10 %)"
    )
    read = recovery.apart(broker.bootstrap, application.own["changelog"])
    per_cpu = read.records / read.cpu
    console.print(
        f"Recovery: {read.records:,.0f} changelog records of {read.customers:,.0f} customers in "
        f"{read.seconds:.1f} s, {per_cpu:,.0f} per CPU second (bar: 200,000)"
    )
    return {
        "engine": "subpulse",
        "variant": "at rest",
        "customers": customers,
        "bytes_per_customer": round(found.bytes_per_customer),
        "seconds_between_refreshes": round(found.refresh_interval, 2),
        "share_of_core": round(found.share_of_core, 4),
        "share_of_core_without_customers": round(found.empty_share_of_core, 4),
        "changelog_records": round(read.records),
        "changelog_records_per_cpu_second": round(per_cpu),
        "recovery_seconds": round(read.seconds, 2),
    }


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
