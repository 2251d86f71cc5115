"""The shipped scenarios as a table: what happens, what shows it, how strong it can be."""

import sys

from rich import box
from rich.console import Console
from rich.table import Table

from service.simulation.scenarios import load, shipped


def print_scenarios() -> None:
    """Print it to standard output."""
    table = Table("scenario", "what happens, and which figures show it", "--strength", box=box.SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    for name in shipped():
        scenario = load(name)
        strengths = ", ".join(f"{strength:g}" for strength in scenario.strengths)
        usual = f"{scenario.strength:g} {scenario.unit} (try {strengths})" if strengths else "–"
        table.add_row(name, f"{scenario.summary}\n[dim]{scenario.watch}[/dim]", usual, end_section=True)
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)
