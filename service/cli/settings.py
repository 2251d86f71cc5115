"""`subpulse settings`: what is set, to what, by whom, and what it means."""

import json
import sys
from typing import Annotated

import typer

from service.cli.options import Assignments, Config, chosen_with_origins


def command(
    config: Config = None,
    assignments: Assignments = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array instead of a table.")] = False,
    as_markdown: Annotated[
        bool,
        typer.Option("--markdown", help="The reference of all settings with their defaults, as in docs/."),
    ] = False,
) -> None:
    """Show every setting: its value, where that came from, what it means and what it may be.

    A setting is looked for, first to last:

    1. in the options of a command: `--set NAME=VALUE`; the usual ones have an option of their own
    2. in the environment: `SUBPULSE_` and the name in capitals, as `SUBPULSE_TIME_ZONE=Europe/Berlin`
    3. in a TOML file given with `--config` or `SUBPULSE_CONFIG`: `time_zone = "Europe/Berlin"`
    4. in its default

    An empty environment variable counts as not set. Passwords are never shown.
    """
    from service.settings import reference
    from service.settings.load import unknown_variables

    if as_markdown:
        sys.stdout.write(reference.markdown())
        return
    loaded = chosen_with_origins(config, assignments)
    rows = [
        {
            "name": name,
            "value": reference.shown(name, getattr(loaded.settings, name)),
            "origin": origin,
            "meaning": reference.meaning(name),
            "allowed": reference.allowed(name),
        }
        for name, origin in loaded.origins.items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    else:
        _print_table(rows)
    for variable in unknown_variables():
        typer.secho(f"{variable} in the environment is no setting: is it misspelt?", err=True, fg="yellow")


def _print_table(rows: list[dict[str, str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold", min_width=12)
    table.add_column("from", overflow="fold", min_width=7)
    table.add_column("what it means", overflow="fold", ratio=1)
    for row in rows:
        style = "" if row["origin"] == "default" else "bold green"
        told = Text(row["meaning"]).append(f" ({row['allowed']})", "dim")
        table.add_row(row["name"], Text(row["value"], style), Text(row["origin"], style), told)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
