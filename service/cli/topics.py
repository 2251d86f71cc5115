"""`subpulse topics`: create the topics, or say what differs from what they must be."""

import asyncio
from typing import Annotated

import typer
from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console

from service.cli.options import Assignments, Brokers, Config, chosen
from service.settings import Settings
from service.stream.connection import admitted
from service.stream.topics import Finding, ensure, verify, wanted_by


def command(
    config: Config = None,
    assignments: Assignments = None,
    brokers: Brokers = None,
    partitions: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000,
            help="Partitions of every topic; adding some later needs `subpulse rebuild`.",
        ),
    ] = None,
    replication: Annotated[
        int, typer.Option(min=-1, help="Copies of each partition; -1 is the broker's default.")
    ] = -1,
    check: Annotated[bool, typer.Option("--check", help="Create nothing, only compare.")] = False,
) -> None:
    """Create the topics that are missing, with the right partitions, compaction and retention; verify the
    others.

    Nothing that exists is changed. Exit code 1 when a topic is missing or cannot be used as it is; other
    differences (such as a retention of your own) are told, and are your choice.
    """
    console = Console(highlight=False)
    settings = chosen(config, assignments, brokers=brokers, partitions=partitions)
    findings = asyncio.run(_run(settings, replication, check))
    for finding in findings:
        console.print(
            f"{finding.name}: {finding.state}" + "".join(f"\n  {text}" for text in finding.differs),
            markup=False,
        )
    if any(finding.unusable for finding in findings):
        raise typer.Exit(1)


async def _run(settings: Settings, replication: int, check: bool) -> list[Finding]:
    topics = wanted_by(settings)
    admin = AIOKafkaAdminClient(**await admitted(settings))
    await admin.start()
    try:
        return await (verify(admin, topics) if check else ensure(admin, topics, replication))
    finally:
        await admin.close()
