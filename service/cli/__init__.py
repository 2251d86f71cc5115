"""The command line: one file per command, imported when it is called, so that `subpulse --help` is quick."""

from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from service.cli.failures import one_sentence

COMMANDS = {
    "demo": ("Start here: a simulated business, live, on a Kafka of its own.", "See it"),
    "replay": ("Compute all figures from files, without Kafka.", "See it"),
    "simulate": ("Tell the story of a made-up business: to a file, or to Kafka.", "See it"),
    "broker": ("Run a real Kafka on this machine.", "Run it"),
    "topics": ("Create the topics, or say how existing ones differ.", "Run it"),
    "publish": ("Send events from files to their topics.", "Run it"),
    "worker": ("Run a worker: events in, live figures out.", "Run it"),
    "rebuild": ("Compute the state anew, as after partitions were added.", "Run it"),
    "dead-letters": ("Records that could not be used: look at them, send them back, drop them.", "Run it"),
    "what-if": ("Ask what a change would be worth in 12 months.", "Look things up"),
    "backfill": ("Write the figures of the past for Prometheus.", "Look things up"),
    "customer": ("Tell all about one customer.", "Look things up"),
    "settings": ("Show every setting, its value, and where that came from.", "Look things up"),
    "metrics": ("Explain every figure.", "Look things up"),
    "schemas": ("Export the event contract, or check the exported one.", "Look things up"),
}
"""Name -> what it does in one line, and its panel in the help. The file of that name has `_` for `-`."""


class _Commands(TyperGroup):
    """Knows all names, and imports a command's file when that command is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, found, rest = super().resolve_command(ctx, args)
        return name, _load(name) if name and found else found, rest

    def invoke(self, ctx: Any) -> Any:
        with one_sentence(ctx):
            return super().invoke(ctx)


def _load(name: str) -> Any:
    module = import_module(f"service.cli.{name.replace('-', '_')}")
    if hasattr(module, "app"):  # a command with commands of its own
        return typer.main.get_command(module.app)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown")
    alone.command(name)(module.command)
    return typer.main.get_command(alone)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,  # they would print local variables, and so people's data
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _placeholder() -> None: ...


for _name, (_summary, _panel) in COMMANDS.items():
    app.command(_name, help=_summary, rich_help_panel=_panel)(_placeholder)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"subpulse {metadata.version('subpulse')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version and end."),
    ] = False,
) -> None:
    """Live, exact churn, retention, order value and lifetime value of a subscription business, from Kafka.

    `subpulse demo` shows it all at work. For your own events (or those that `simulate` makes up): `broker`
    (or a Kafka you have), `topics`, `publish`, `worker`; or just `replay` a file.

    Each command explains itself: `subpulse COMMAND --help`.
    """


def main() -> None:
    """Run the command line."""
    app()
