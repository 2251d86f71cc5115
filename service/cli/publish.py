"""`subpulse publish`: events from files to their topics."""

import asyncio
import logging
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from service.cli.daemon import in_daemon
from service.cli.options import Assignments, Brokers, Config, chosen
from service.now import now_micros

if TYPE_CHECKING:
    from service.replay import FileDecoder, Line, Refusal
    from service.settings import Settings


def command(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="NDJSON, plain or .gz or .zst; `-` is standard input."),
    ],
    brokers: Brokers = None,
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write each line that cannot be used here too, as JSON."),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit code 1 when a line cannot be used; the others are sent anyway."),
    ] = False,
    config: Config = None,
    assignments: Assignments = None,
) -> None:
    """Send events to the right topics, with the right keys, each exactly once per run.

    Each line is one event of any topic; its `type` says which. Lines that a worker would refuse are listed
    with their number and the reason, and not sent. To send a file again is harmless: repetition changes no
    figure. Only orders, refunds and cancellations older than the horizon (setting horizon_days) are counted
    each time they come.

        subpulse publish events.ndjson.gz

        tail -F events.ndjson | subpulse publish -
    """
    settings = chosen(config, assignments, brokers=brokers)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong is told once, at the end
    sent, refused = Counter[str](), Counter[str]()
    try:
        asyncio.run(_run(files, settings, rejects, sent, refused))
    except KeyboardInterrupt:
        typer.echo(_told(sent))
        raise
    typer.echo(_told(sent))
    if refused:
        from service.cli.rejects import told

        typer.secho(told(refused), err=True, fg="yellow")
        if strict:
            raise typer.Exit(1)


def _told(sent: Counter[str]) -> str:
    topics = ", ".join(f"{count:,} to {topic}" for topic, count in sorted(sent.items()))
    return f"sent {sent.total():,} events" + (f": {topics}" if topics else "")


class _Parcel(NamedTuple):
    topic: str
    key: bytes
    value: bytes


async def _run(
    files: list[str],
    settings: "Settings",
    rejects: Path | None,
    sent: Counter[str],
    refused: Counter[str],
) -> None:
    """Counts events in `sent` by topic, and lines in `refused` by reason."""
    from service.cli.progress import progress_over
    from service.cli.rejects import Listing, written_to
    from service.replay import FileDecoder, read_batches, require
    from service.stream.connection import admitted
    from service.telling.publishing import Publisher

    require(files)
    listing, limit = Listing(), settings.max_record_bytes
    decoder = FileDecoder(limit)
    with written_to(rejects) as write, progress_over(files, "Publishing") as progress:
        batches = read_batches(files, limit, progress)
        async with Publisher(await admitted(settings), limit) as publisher:
            await publisher.require(settings.sources.values())
            # In a thread: a pipe may have nothing for us for long, while records wait to be sent.
            while batch := await in_daemon(lambda: next(batches, None)):
                parcels, refusals = await asyncio.to_thread(_packed, batch, decoder, settings.sources)
                for refusal in refusals:
                    refused[refusal.reason] += 1
                    listing(refusal)
                    write(refusal)
                for topic, key, value in parcels:
                    await publisher.send(topic, key, value)
                    sent[topic] += 1


def _packed(
    batch: "list[Line]", decoder: "FileDecoder", topics: dict[str, str]
) -> "tuple[list[_Parcel], list[Refusal]]":
    from schemas.decode import Refused, key_of
    from schemas.verdict import FUTURE_LIMIT
    from service.replay import Refusal

    parcels, refusals, latest = [], [], now_micros() + FUTURE_LIMIT
    for file, number, value in batch:
        try:
            kind, event = decoder.decode(value)
            if event.occurred_at > latest:
                raise Refused("future_event", "occurred_at: expected an instant that is not in the future")
        except Refused as refused:
            refusals.append(Refusal(file, number, refused.reason, refused.detail))
        else:
            parcels.append(_Parcel(topics[kind], key_of(event), value))
    return parcels, refusals
