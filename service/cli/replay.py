"""`subpulse replay`: all figures from files, without Kafka."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service import memory
from service.cli.options import Assignments, Config, TimeZone, Windows, chosen
from service.errors import UserError
from service.now import now_micros

if TYPE_CHECKING:
    from service.replay import AsOf, Replayed


class Format(StrEnum):
    """How figures are written."""

    TABLE = "table"
    JSON = "json"
    PROMETHEUS = "prometheus"


def command(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="NDJSON, plain or .gz or .zst; `-` is standard input."),
    ],
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="T|max",
            help="The instant for which figures hold, as 2026-11-22T09:00:00Z; `max`: the newest event; "
            "else now.",
        ),
    ] = None,
    timezone: TimeZone = None,
    windows: Windows = None,
    partitions: Annotated[
        int, typer.Option(min=1, max=1_000, help="Split the customers as Kafka would; changes no figure.")
    ] = 1,
    output: Annotated[Format, typer.Option("--format", "-f", help="How figures are written.")] = Format.TABLE,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write each line that cannot be used here, as JSON.")
    ] = None,
    config: Config = None,
    assignments: Assignments = None,
) -> None:
    """Compute all figures from files, through the very code that a worker runs.

    Each line is one event of any topic; its `type` says which. The order of the lines does not matter, except
    around an erasure: what comes after `customer.erased` and happened before it does not count.

        subpulse replay orders.ndjson subscriptions.ndjson.gz

        zcat events.gz | subpulse replay - --as-of max --timezone Europe/Berlin --format json

    Events later than the wall clock at the start are refused. Lines that cannot be used are counted, and with
    `--rejects` written to a file: file, line, reason, detail.
    """
    from service.cli.progress import progress_over
    from service.cli.rejects import told, written_to
    from service.replay import read_lines, replay, require

    settings = chosen(config, assignments, time_zone=timezone, windows=windows)
    wanted = instant(as_of)
    require(files)
    now = now_micros()
    memory.tune()
    with written_to(rejects) as refuse, progress_over(files, "Reading") as progress:
        replayed = replay(
            read_lines(files, settings.max_record_bytes, progress),
            settings.definitions(),
            now if wanted is None else wanted,
            now,
            partitions=partitions,
            limits=settings.limits(),
            largest_value=settings.max_record_bytes,
            refuse=refuse,
        )
    _write(replayed, output, settings.time_zone)
    if replayed.refused:
        typer.secho(told(replayed.refused), err=True, fg="yellow")


def instant(text: str | None) -> "AsOf | None":
    """The instant that --as-of means; None where it was not given."""
    from schemas.instants import parse_instant
    from service.replay import MAX

    if text is None or text == MAX:
        return text
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UserError(f"--as-of {text}: {error}; or `max`") from None


def _write(replayed: "Replayed", output: Format, time_zone: str) -> None:
    from service.replay import output as written

    if output is Format.TABLE:
        written.print_table(replayed, time_zone)
    else:
        text = written.as_json(replayed) if output is Format.JSON else written.as_prometheus(replayed)
        sys.stdout.buffer.write(text)
        sys.stdout.flush()
