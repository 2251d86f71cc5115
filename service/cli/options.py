"""Options that several commands share, so that they are named and explained alike."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.errors import UserError

if TYPE_CHECKING:
    from service.settings import Loaded, Settings

SPELLING = {"time_zone": "--timezone"}
"""Options that are not spelt as their setting."""

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", metavar="FILE", help="TOML file with settings; else that of SUBPULSE_CONFIG."
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="NAME=VALUE",
        help="Any setting, as in `--set commit_interval=0.5`. Repeatable.",
    ),
]
Brokers = Annotated[
    str | None, typer.Option("--brokers", "-b", metavar="HOST:PORT", help="Kafka brokers (setting brokers).")
]
TimeZone = Annotated[
    str | None,
    typer.Option(
        "--timezone", metavar="ZONE", help="Reporting time zone, as Europe/Berlin (setting time_zone)."
    ),
]
Windows = Annotated[
    str | None,
    typer.Option("--windows", metavar="W,W", help="Windows, as 30d,90d,last_quarter (setting windows)."),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", metavar="URL", help="A worker to ask; else the one that the settings http_… describe."
    ),
]
FilesOrWorker = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE]…", help="Events to compute from, as for `replay`; without: ask a worker."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for scripts.")]


class WrongOptionError(UserError):
    """An option that cannot be understood, or must not be given."""

    exit_code = 2


def confirm(question: str, yes: bool) -> None:
    """Ask before something that cannot be undone; ends the command when the answer is no.

    Raises:
        UserError: nobody is there to answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UserError(f"{question} Nobody is at a terminal to answer that: --yes answers it")
    typer.confirm(question, abort=True, err=True)


def chosen(config: Path | None, assignments: Sequence[str] | None, **options: Any) -> "Settings":
    """The settings of a command: its options, `--set`, environment, file; `options` by names of settings.

    Raises:
        SettingsError: a value is wrong; WrongOptionError: an assignment is none.
    """
    return chosen_with_origins(config, assignments, **options).settings


def chosen_with_origins(config: Path | None, assignments: Sequence[str] | None, **options: Any) -> "Loaded":
    """As `chosen`, with the origin of each value."""
    from service.settings import load_with_origins
    from service.settings.load import PREFIX
    from service.settings.reference import is_secret

    assigned = dict(_split(text) for text in assignments or ())
    for name in filter(is_secret, assigned):
        raise WrongOptionError(
            f"--set {name}: others of this machine can read a command line; use the environment "
            f"({PREFIX}{name.upper()}) or a file"
        )
    given = {name: value for name, value in options.items() if value is not None}
    spelling = {name: f"--set {name}" for name in assigned if name not in given}
    spelling |= {name: SPELLING[name] for name in given if name in SPELLING}
    return load_with_origins(config, {**assigned, **given}, spelling)


def _split(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise WrongOptionError(f"--set {text}: write NAME=VALUE, as in --set commit_interval=0.5")
    return name.strip().replace("-", "_"), value.strip()
