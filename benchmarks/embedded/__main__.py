"""`python -m benchmarks.embedded`: what records cost in memory, and what in RocksDB."""

import argparse
import sys
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.embedded.customers import ORDERS_EACH
from benchmarks.embedded.measuring import PLACES, Found, apart
from benchmarks.machine import machine, pinned
from benchmarks.options import numbers, parse, whole_number
from keeping import page

NAME, FILE = "embedded", "planning.md"
HELP = f"""\
The records of customers with {ORDERS_EACH} orders each, in memory as a worker holds them, and in RocksDB
(rocksdict): what one more order costs, with its share of a checkpoint, and what a customer takes in memory
and on disk. A process for each size, place and round; the figures are medians.

  ./dev bench embedded --quick     a taste
  ./dev bench embedded             up to 3,000,000 customers, some minutes; 4 GiB of free memory
  ./dev bench embedded --write     also puts the table into docs/planning.md
"""
console = Console(stderr=True, highlight=False)


def main() -> None:
    """Measure, print, and write what is asked for."""
    asked = _arguments()
    found: dict[tuple[str, str], list[Found]] = {}
    for number in range(1, asked.rounds + 1):
        for customers in asked.customers:
            for place in PLACES:
                one = apart(place, customers, asked.orders)
                found.setdefault((f"{customers:,}", place), []).append(one)
                console.print(
                    f"round {number} of {asked.rounds}: {customers:,} customers in {place}: {one.cpu:.2f} µs"
                )
    headings = ("customers", "records in", "µs of CPU an order", "bytes a customer", "on disk")
    told = [(*case, *_told(runs)) for case, runs in found.items()]
    table = Table(*headings)
    for row in told:
        table.add_row(*row)
    Console(highlight=False).print(table)
    if asked.write:
        version = pinned("requirements-dev.txt", r"^rocksdict==(\S+)")
        about = (
            f"Measured on: {machine()}, rocksdict {version}; {asked.orders:,} orders, {asked.rounds} rounds."
        )
        page.put(NAME, f"{about}\n\n{page.table(headings, told, words=2)}", FILE)


def _told(runs: list[Found]) -> tuple[str, ...]:
    cpu, resident, disk = (median(values) for values in zip(*runs, strict=True))
    return f"{cpu:.2f}", f"{resident:,.0f}", f"{disk:,.0f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench embedded", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--customers", type=numbers, metavar="N,…", help="numbers of them (100000,1000000,3000000)")
    add("--orders", type=whole_number, metavar="N", help="how many are added (500,000)")
    add("--rounds", type=whole_number, metavar="N", help="alternating rounds (3)")
    add("--quick", action="store_true", help="small sizes, one round")
    add("--write", action="store_true", help="write the table into docs/planning.md")
    asked = parse(parser)
    sizes = ((2_000, 10_000), 20_000, 1) if asked.quick else ((100_000, 1_000_000, 3_000_000), 500_000, 3)
    for name, value in zip(("customers", "orders", "rounds"), sizes, strict=True):
        if getattr(asked, name) is None:
            setattr(asked, name, value)
    return asked


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
