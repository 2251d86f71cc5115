"""`subpulse what-if`: what a change would be worth in 12 months."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.options import Assignments, Config, FilesOrWorker, TimeZone, Url, chosen
from service.errors import UserError
from service.now import now_micros

if TYPE_CHECKING:
    from service.settings import Settings


def command(
    files: FilesOrWorker = None,
    retention: Annotated[
        float | None,
        typer.Option("--retention-points", metavar="N", help="Add N percentage points to yearly retention."),
    ] = None,
    aov: Annotated[
        float | None,
        typer.Option("--aov-percent", metavar="N", help="Change the average order value by N %."),
    ] = None,
    minimum: Annotated[
        float | None,
        typer.Option("--minimum-order", metavar="N", help="Ask at least N of an order; needs --currency."),
    ] = None,
    currency: Annotated[
        str | None, typer.Option(metavar="CODE", help="Currency of the minimum order, as EUR.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="PLAN", help="The plan whose price changes; needs --price-percent.")
    ] = None,
    price: Annotated[
        float | None, typer.Option("--price-percent", metavar="N", help="Change the plan's price by N %.")
    ] = None,
    url: Url = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T|max", help="With files: see `subpulse replay --help`.")
    ] = None,
    timezone: TimeZone = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as the API gives it.")] = False,
    config: Config = None,
    assignments: Assignments = None,
) -> None:
    """Ask what a change would be worth: customers, revenue and profit in 12 months against the present
    course.

        subpulse what-if --retention-points 5

        subpulse what-if --minimum-order 40 --currency EUR

        subpulse what-if --plan pro --price-percent 10 events.ndjson.gz

    Changes can be combined. The answer comes from a running worker, or from files of events. What it assumes
    stands below the numbers.
    """
    given = {
        "retention_points": retention,
        "aov_percent": aov,
        "minimum_order": minimum,
        "currency": currency,
        "plan": plan,
        "price_percent": price,
    }
    query = {name: str(value) for name, value in given.items() if value is not None}
    if not query:
        raise UserError(
            "nothing would change: give --retention-points, --aov-percent, --minimum-order or --plan"
        )
    settings = chosen(config, assignments, time_zone=timezone)
    found = _from_files(files, as_of, settings, query) if files else _from_worker(url, settings, query)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    else:
        from service.cli.what_if_table import print_answer

        print_answer(found)


def _from_worker(url: str | None, settings: "Settings", query: dict[str, str]) -> dict[str, Any]:
    from service.cli.ask import address_of, ask

    return ask(url or address_of(settings), settings.token, "/api/v1/what-if", query)


def _from_files(
    files: list[str], as_of: str | None, settings: "Settings", query: dict[str, str]
) -> dict[str, Any]:
    from service.cli.progress import progress_over
    from service.cli.replay import instant
    from service.exposition import asking
    from service.replay import read_lines, replay, require

    require(files)
    wanted, now, definitions = instant(as_of), now_micros(), settings.definitions()
    with progress_over(files, "Reading") as progress:
        lines = read_lines(files, settings.max_record_bytes, progress)
        replayed = replay(
            lines, definitions, now if wanted is None else wanted, now, limits=settings.limits()
        )
    try:
        return asking.what_if(replayed.summary, definitions, query)
    except ValueError as error:
        raise UserError(str(error)) from None
