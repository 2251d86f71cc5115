"""`subpulse metrics`: what each figure means."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.exposition.reference import Entry


def command(
    name: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="Only metrics with this text in the name.")
    ] = "",
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="The reference, as in docs/metrics.md.")
    ] = False,
) -> None:
    """Explain every figure: its name on /metrics and in the API, its labels and what it means."""
    from service.exposition import reference

    if as_markdown:
        sys.stdout.write(reference.markdown())
        return
    found = [entry for entry in reference.entries() if name in entry.name]
    if not found:
        raise typer.BadParameter(f"no metric has {name!r} in its name", param_hint="TEXT")
    _print_table(found)


def _print_table(found: "list[Entry]") -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("name", "labels", "meaning", box=box.SIMPLE_HEAD, pad_edge=False)
    for entry in found:
        table.add_row(entry.name, Text(", ".join(entry.labels), "dim"), Text(entry.meaning))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
