"""`subpulse worker`: run a worker, and start it afresh where that helps."""

import os
import sys
from typing import Annotated

import typer

from service.cli.options import Assignments, Brokers, Config, chosen
from service.cli.supervisor import Supervisor
from service.errors import UserError
from service.settings.load import CONFIG_VARIABLE, PREFIX
from service.stream.endings import PERSON_NEEDED

FAUST = [sys.executable, "-m", "service.worker", "--quiet", "-A", "service.app", "worker"]


def command(
    config: Config = None,
    assignments: Assignments = None,
    brokers: Brokers = None,
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

    Start as many as you like: workers of one application share the partitions. `subpulse settings` shows
    every setting and where its value came from.

    Ctrl-C or SIGTERM saves what was read, leaves the group and ends with exit code 0. With --no-restart: 75
    says start me again, 78 a person must look (the last line says at what), 70 a bug.
    """
    options = {"brokers": brokers, "clock": clock, "http_port": http_port}
    try:
        chosen(config, assignments, **options)
    except UserError as error:
        typer.echo(f"subpulse worker: {error}", err=True)
        raise typer.Exit(PERSON_NEEDED) from None
    given = dict(text.split("=", 1) for text in assignments or ())
    given |= {name: str(value) for name, value in options.items() if value is not None}
    environment = {**os.environ, **{PREFIX + name.upper(): value for name, value in given.items()}}
    if config is not None:
        environment[CONFIG_VARIABLE] = str(config)
    if not restart:
        os.execvpe(FAUST[0], FAUST, environment)
    supervisor = Supervisor(
        FAUST, environment, lambda words: typer.echo(f"subpulse worker: {words}", err=True)
    )
    raise typer.Exit(supervisor.run())
