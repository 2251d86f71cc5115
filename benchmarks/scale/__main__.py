"""`python -m benchmarks.scale`: the curves, part by part."""

import argparse
import json
import sys

from rich.console import Console
from rich.table import Table

from benchmarks.application import no_reports_of_coordinators
from benchmarks.kept import Kept
from benchmarks.options import add_outputs, numbers, parse, whole_number
from benchmarks.scale import backlog, customers, delay, mixed, page, weeks, workers
from benchmarks.scale.part import QUICK, Case, Part, Row, Sizes
from service.embedded import Broker

PARTS = [module.PART for module in (workers, mixed, customers, delay, backlog, weeks)]
CODE = (
    "benchmarks/scale",
    "benchmarks/application.py",
    "benchmarks/live.py",
    "benchmarks/load.py",
    "benchmarks/measured.py",
    "benchmarks/recovery.py",
    "benchmarks/throughput.py",
    "service",
    "service/embedded/kafka.lock",
    "schemas",
    "requirements.txt",
    "requirements-build.txt",
)
HELP = """\
How one worker and two behave as things grow: the number of customers (speed, memory, refresh, start-up after
a crash), the load (delay from event to metric), a backlog, and weeks of simulated time.

  ./dev bench scale --quick                  a taste of every part, some minutes
  ./dev bench scale                          everything, up to 3,000,000 customers (over an hour)
  ./dev bench scale --only customers --customers 10000,100000
  ./dev bench scale --only delay,backlog     some parts
  ./dev bench scale --write                  also tables and plot into docs/performance.md; with --only, what
                                             was not asked for has to be finished

Cases are kept as they end (--results), so a run that was stopped goes on where it was; those of other code or
another machine do not count. Workers of 3,000,000 customers want 12 GiB of free memory, their topic as much
of the disk.
"""
WHOLE_PAGE = "nothing was written: --write makes all tables, and of them these are not finished"
console = Console(stderr=True, highlight=False)


def main() -> int:
    """Run what is asked for; 1 if a case failed."""
    asked = _arguments()
    parts = [part for part in PARTS if not asked.only or part.name in asked.only]
    sizes = _sizes(asked)
    kept = Kept(asked.results, ())
    others = [part for part in PARTS if part not in parts]
    if asked.write and (missing := _missing(others, kept, sizes)):
        sys.exit(f"./dev bench scale: {WHOLE_PAGE}: {', '.join(missing)}")
    no_reports_of_coordinators()
    failed = sum(_run(part, case, kept) for part in parts for case in part.cases(sizes))
    told = {part.name: _told(part, kept, sizes) for part in PARTS}
    for part in parts:
        table = Table(*page.headings(part), title=part.title)
        for row in page.rows(part, told[part.name]):
            table.add_row(*row)
        Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)
    if asked.json:
        asked.json.write_text(
            json.dumps({part.name: told[part.name] for part in parts}, indent=2) + "\n", "utf-8"
        )
    if asked.write:
        if missing := _missing(PARTS, kept, sizes):
            sys.exit(f"./dev bench scale: {WHOLE_PAGE}: {', '.join(missing)}")
        page.write(PARTS, told)
    return int(failed > 0)


def _run(part: Part, case: Case, kept: Kept) -> int:
    """The rounds of a case that are not there yet, each on a broker of its own; how many failed."""
    failed, key = 0, key_of(part, case)
    for number in range(len(kept.of(key, CODE)) + 1, case.rounds + 1):
        console.print(f"{part.title}: {case.name}, round {number} of {case.rounds} …")
        try:
            with Broker() as broker:
                found = case.measure(*case.sizes, broker)
        except Exception as error:  # whatever it was, the other cases are worth their time
            failed += 1
            console.print(f"{part.title}: {case.name} failed: {error!r}", style="red", markup=False)
            continue
        kept.add(key, CODE, found)
        for row in case.rows(found).values():
            told = ", ".join(f"{name}: {value:,.4g}" for name, value in row.items())
            console.print(f"  {told}", markup=False)
    return failed


def _told(part: Part, kept: Kept, sizes: Sizes) -> dict[str, Row]:
    told: dict[str, Row] = {}
    for case in part.cases(sizes):
        rounds = [case.rows(found) for found in kept.of(key_of(part, case), CODE)[: case.rounds]]
        for name in rounds[0] if rounds else ():
            told[name] = page.medians([one[name] for one in rounds])
    return told


def _missing(parts: list[Part], kept: Kept, sizes: Sizes) -> list[str]:
    """The cases that are not finished."""
    return [
        f"{part.name} ({case.name})"
        for part in parts
        for case in part.cases(sizes)
        if len(kept.of(key_of(part, case), CODE)) < case.rounds
    ]


def key_of(part: Part, case: Case) -> str:
    """Under which the rounds of a case are kept: those of another size are another's."""
    return f"{part.name}: {case.name}: {case.sizes}"


def _sizes(asked: argparse.Namespace) -> Sizes:
    given = {name: value for name in Sizes._fields if (value := getattr(asked, name, None)) is not None}
    return (QUICK if asked.quick else Sizes())._replace(**given)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench scale", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    names = ", ".join(part.name for part in PARTS)
    add("--only", type=_parts, metavar="PART,…", help=f"some parts of {names}")
    add("--quick", action="store_true", help="small sizes, one round")
    add("--customers", type=numbers, metavar="N,…", help="numbers of customers (to 3,000,000)")
    add("--events", type=whole_number, metavar="N", help="events for workers and mixed stream (3,000,000)")
    add("--backlog", type=whole_number, metavar="N", help="events that wait (10,000,000)")
    add("--rate", type=whole_number, metavar="N", help="events a second that arrive meanwhile (10,000)")
    add("--weeks", type=whole_number, metavar="N", help="weeks of simulated time (13)")
    add("--seconds", type=float, metavar="N", help="over which the delay is watched (60)")
    add("--rounds", type=whole_number, metavar="N", help="rounds of workers and mixed stream (3)")
    add_outputs(parser, "scale/cases.jsonl", "tables and plot")
    return parse(parser)


def _parts(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if unknown := set(names) - {part.name for part in PARTS}:
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}: {', '.join(p.name for p in PARTS)}")
    return names


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
