"""`subpulse worker`: run a worker, and start it afresh where that helps."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli.supervisor import Supervisor
from service.settings import SettingsError, load
from service.stream.endings import PERSON_NEEDED

FAUST = [sys.executable, "-m", "faust", "--quiet", "-A", "service.app", "worker"]


def command(
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Settings as TOML; `subpulse settings` lists them."),
    ] = None,
    brokers: Annotated[
        str | None, typer.Option(metavar="HOST:PORT,…", help="Kafka brokers to begin with.")
    ] = None,
    clock: Annotated[
        str | None, typer.Option(metavar="wall|event", help="What `as_of` is; `event` to read history again.")
    ] = None,
    http_port: Annotated[
        int | None, typer.Option(metavar="PORT", help="Port of /metrics, the API and health; 0 picks one.")
    ] = None,
    restart: Annotated[
        bool,
        typer.Option(
            "--restart/--no-restart",
            help="Start the worker afresh when it has to end, or leave that to the platform.",
        ),
    ] = True,
) -> None:
    """Run a worker: read the events, keep the customers' records, publish the figures.

    Start as many as you like: workers of one application share the partitions. All other settings come from
    SUBPULSE_… variables or the file; `subpulse settings` shows each with its origin.

    Ctrl-C or SIGTERM saves what was read, leaves the group and ends with exit code 0. With --no-restart: 75
    says
    start me again, 78 a person must look (the last line says at what), 70 a bug.
    """
    options = {"brokers": brokers, "clock": clock, "http_port": http_port}
    given = {name: str(value) for name, value in options.items() if value is not None}
    try:
        load(config, given)
    except SettingsError as error:
        typer.echo(f"subpulse worker: {error}", err=True)
        raise typer.Exit(PERSON_NEEDED) from None
    environment = {**os.environ, **{f"SUBPULSE_{name.upper()}": value for name, value in given.items()}}
    if config is not None:
        environment["SUBPULSE_CONFIG"] = str(config)
    if not restart:
        os.execvpe(FAUST[0], FAUST, environment)
    supervisor = Supervisor(
        FAUST, environment, lambda words: typer.echo(f"subpulse worker: {words}", err=True)
    )
    raise typer.Exit(supervisor.run())
