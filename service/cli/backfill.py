"""`subpulse backfill`: the figures of the past as text that Prometheus can make blocks of."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from service.cli.options import (
    Assignments,
    Config,
    FilesOrWorker,
    TimeZone,
    Url,
    Windows,
    WrongOptionError,
    chosen,
)
from service.errors import UserError

_LABEL = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")


def command(
    files: FilesOrWorker = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="T", help="A date or an instant; else the first event, or two years ago."
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="T", help="A date or an instant; else the last event, or now.")
    ] = None,
    step: Annotated[
        str, typer.Option(metavar="N", help="Ends of local days (1d, 7d), or every N hours (6h).")
    ] = "1d",
    names: Annotated[
        list[str] | None, typer.Option("--name", metavar="NAME", help="Only this figure. Repeatable.")
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="NAME=VALUE", help="A label for all samples. Repeatable."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write; else standard output.")
    ] = None,
    url: Url = None,
    timezone: TimeZone = None,
    windows: Windows = None,
    config: Config = None,
    assignments: Assignments = None,
) -> None:
    """Write the figures of the past as OpenMetrics text, for a Prometheus that was not there yet.

        subpulse backfill --from 2025-01-01 --output past.om

        promtool tsdb create-blocks-from openmetrics past.om /var/lib/prometheus

    One sample a day, at its last millisecond; queries over them look back a day, as in
    `last_over_time(subpulse_churn_ratio{window="30d"}[1d])`. Give the labels that Prometheus adds when it
    scrapes (`--label job=subpulse`), and the past continues in the same series. The last two hours or so
    belong to Prometheus itself: end before them.
    """
    from service.cli.backfilling import Asked, from_files, from_worker

    asked = Asked(since, to, step, tuple(names or ()))
    added = dict(_label(text) for text in labels or ())
    settings = chosen(config, assignments, time_zone=timezone, windows=windows)
    instants, rows = from_files(files, asked, settings) if files else from_worker(url, asked, settings)
    if not rows:
        raise UserError("no figures: no day between --from and --to is over")
    _write(output, instants, rows, added)


def _write(
    output: Path | None, instants: Sequence[int], rows: list[dict[str, Any]], labels: dict[str, str]
) -> None:
    from service.exposition.openmetrics import written

    text = written(instants, rows, labels)
    if output is None:
        sys.stdout.buffer.writelines(text)
        sys.stdout.flush()
        return
    try:
        with output.open("wb") as file:
            file.writelines(text)
    except OSError as error:
        raise UserError(f"--output {output}: {error.strerror}") from None


def _label(text: str) -> tuple[str, str]:
    if not (found := _LABEL.fullmatch(text)):
        raise WrongOptionError(f"--label {text}: write NAME=VALUE, as in --label job=subpulse")
    return found[1], found[2]
