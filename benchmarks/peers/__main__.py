"""`python -m benchmarks.peers`: one job on each engine, in alternating rounds."""

import argparse
import asyncio
import json
import sys

from rich.console import Console

from benchmarks.application import create, no_reports_of_coordinators
from benchmarks.kept import Kept
from benchmarks.load import fill
from benchmarks.options import add_outputs, parse, whole_number
from benchmarks.peers import java, packages, page
from benchmarks.peers.engines import Variant, variants
from benchmarks.peers.finished import CODE, rounds
from benchmarks.peers.results import as_json, results
from benchmarks.peers.running import FailedError, run
from benchmarks.peers.settings import SETTINGS
from benchmarks.peers.table import terminal
from service.embedded import Broker

TOPIC = "peers-orders"
HELP = """\
The same job on each engine: of every customer the number of orders, their sum and the last time, durable and
committed. One topic on one broker; in each round every variant runs once, alone. Told are the events per
second and per CPU second of the process and its children, from the first durable moment after the warm-up to
the last, the resident memory, and the seconds from the start to the first durable result.

  ./dev bench peers --quick                 a taste: one variant of each engine, one round, few events
  ./dev bench peers                         everything: five rounds of two million events (over an hour)
  ./dev bench peers -e subpulse -e flink    some engines
  ./dev bench peers --customers 1000000     with more of them (50,000)
  ./dev bench peers --write                 also the table and the plot into docs/performance.md; with -e, the
                                            rounds of all other engines have to be there

Rounds are kept as they end (--results), so a run that was stopped goes on where it was; those of other code
(of any engine), other events or another machine do not count. An engine whose tools are missing is left out,
and said so.
"""
console = Console(stderr=True, highlight=False)


def main() -> int:
    """Run what is asked for; 1 if an engine failed or had to be left out."""
    asked = _arguments()
    chosen = [variant for variant in variants() if not asked.engine or variant.engine in asked.engine]
    if asked.quick:
        chosen = list({variant.engine: variant for variant in reversed(chosen)}.values())[::-1]
    chosen, left_out = _possible(chosen)
    every = chosen if asked.customers >= page.MANY_CUSTOMERS else [*variants()]  # that are on the page
    kept = Kept(asked.results, (java.version(), asked.events, asked.warm_up, asked.customers))
    others = [variant for variant in every if variant not in chosen]
    if asked.write and (missing := _todo(others, kept, asked.rounds)):
        sys.exit(_not_written(missing))
    failed = asyncio.run(_rounds(chosen, kept, asked)) if _todo(chosen, kept, asked.rounds) else 0
    told = results({variant: rounds(kept, variant)[: asked.rounds] for variant in chosen})
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(terminal(told))
    if asked.json:
        asked.json.write_text(json.dumps(as_json(told), indent=2) + "\n", "utf-8")
    if asked.write:
        if missing := _todo(every, kept, asked.rounds):
            sys.exit(_not_written(missing))
        told = results({variant: rounds(kept, variant)[: asked.rounds] for variant in every})
        page.write(told, asked.events, asked.warm_up, asked.customers)
    return int(bool(failed or left_out))


async def _rounds(chosen: list[Variant], kept: Kept, asked: argparse.Namespace) -> int:
    """Every variant in turn, round after round; how many runs failed."""
    failed, count = 0, asked.events + asked.warm_up
    no_reports_of_coordinators()
    with Broker() as broker:
        await create(broker.bootstrap, TOPIC)
        await asyncio.to_thread(fill, broker.bootstrap, TOPIC, count, asked.customers, 0.001)
        for number in range(1, asked.rounds + 1):
            for variant in _todo(chosen, kept, number):
                try:
                    found = await run(variant, broker.bootstrap, TOPIC, count, asked.warm_up)
                except FailedError as error:
                    failed += 1
                    console.print(f"round {number}: {error}", style="red", markup=False)
                    continue
                kept.add(variant.key, CODE, found)
                console.print(
                    f"round {number} of {asked.rounds}: {variant.key}: {found.events_per_second:,.0f} events "
                    f"a second, {found.events_per_cpu_second:,.0f} per CPU second"
                )
    return failed


def _todo(chosen: list[Variant], kept: Kept, wanted: int) -> list[Variant]:
    return [variant for variant in chosen if len(rounds(kept, variant)) < wanted]


def _not_written(missing: list[Variant]) -> str:
    keys = ", ".join(variant.key for variant in missing)
    return f"./dev bench peers: nothing was written: --write makes the whole table, and it lacks {keys}"


def _possible(chosen: list[Variant]) -> tuple[list[Variant], int]:
    """Those whose tools are here, and how many are not."""
    absent = {needs: why for needs in {variant.needs for variant in chosen} if (why := _absent(needs))}
    for needs, why in absent.items():
        gone = sorted({variant.engine for variant in chosen if variant.needs == needs})
        console.print(f"LEFT OUT: {' and '.join(gone)}: {why}", style="bold red", markup=False)
    possible = [variant for variant in chosen if variant.needs not in absent]
    return possible, len(chosen) - len(possible)


def _absent(needs: str) -> str:
    """Why that is not here; empty if it is."""
    if needs != "java":
        return packages.absent(needs) if needs else ""
    try:
        console.print("Building the Java jobs, where they have changed …")
        java.build()
    except java.MissingError as error:
        return str(error)
    return ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench peers", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("-e", "--engine", action="append", choices=[*SETTINGS], help="only this; repeatable")
    add("--events", type=whole_number, default=2_000_000, help="order events that are timed (2,000,000)")
    add("--warm-up", type=whole_number, help="order events before them (a quarter as many)")
    add("--customers", type=whole_number, default=50_000, help="how many have placed them (50,000)")
    add("--rounds", type=whole_number, default=5, help="alternating rounds (5)")
    add("--quick", action="store_true", help="a taste: 200,000 events, one round, one variant each")
    add_outputs(parser, "peers/rounds.jsonl", "table and plot")
    asked = parse(parser)
    if asked.quick:
        asked.events, asked.rounds = min(asked.events, 200_000), 1
    if asked.warm_up is None:
        asked.warm_up = asked.events // 4
    return asked


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
