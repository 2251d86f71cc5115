"""Commands of subpulse, as a person calls them for an application."""

import asyncio
from functools import partial

from click.testing import Result
from typer.testing import CliRunner

from service.cli import app
from tests.stream.application import Application


async def subpulse(application: Application, *arguments: str) -> Result:
    """In this process, for it is quicker."""
    command = partial(CliRunner().invoke, app, arguments, env=application.environment)
    return await asyncio.to_thread(command)
