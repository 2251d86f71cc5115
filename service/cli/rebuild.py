"""`subpulse rebuild`: the state anew from the source topics."""

import asyncio
from typing import Annotated

import typer

from service.cli.options import Assignments, Brokers, Config, chosen
from service.cli.progress import progress_of


def command(
    config: Config = None,
    assignments: Assignments = None,
    brokers: Brokers = None,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Go on although the sources no longer hold everything.")
    ] = False,
    replication: Annotated[
        int, typer.Option(min=-1, help="Copies of the new changelog; -1 is the broker's default.")
    ] = -1,
) -> None:
    """Compute the state anew from the source topics, into a new changelog, and switch all workers to it.

    It helps after partitions were added (customers move to where their events go now), after an upgrade that
    cannot read the old changelog, and after a bug that has spoilt records. To add partitions:

        kafka-topics --alter --topic orders --partitions 12      # and the three other source topics
        subpulse rebuild

    What was counted is read again, and nothing else; dead letters stay as they are. Workers may run
    meanwhile: at the end, all at one moment, they are shut out, start again (exit code 75), and go on from
    the new changelog. Interrupted, it has changed nothing; begin again. It holds all records in memory.

    It refuses where retention has removed records of the sources: what only these told would be lost.
    """
    from service.rebuild.switching import Rebuilt, rebuild
    from service.stream.connection import admitted

    settings = chosen(config, assignments, brokers=brokers)

    async def run() -> Rebuilt:
        client = await admitted(settings)
        with progress_of("Reading") as progress:
            told = progress or (lambda done, total: None)
            return await rebuild(client, settings, replication=replication, incomplete=incomplete, told=told)

    done = asyncio.run(run())
    typer.echo(
        f"{done.customers:,} customers from {done.records:,} records are in {done.after}, on "
        f"{done.partitions} partitions; workers go on from there.\n"
        f"{done.before} is not read any more: delete it once you are content (it still names those who are "
        "erased from now on)."
    )
