"""`subpulse customer`: all that is known of one customer."""

import json
import sys
from typing import Annotated

import typer

from service.cli.options import Assignments, Config, Url, chosen
from service.errors import UserError


def command(
    customer: Annotated[
        str, typer.Argument(metavar="ID", help="The customer_id; `-` reads it from standard input.")
    ],
    url: Url = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as the API gives it.")] = False,
    config: Config = None,
    assignments: Assignments = None,
) -> None:
    """Tell all about one customer: value so far and to come, subscriptions with their history, orders.

        subpulse customer ada

        echo ada | subpulse customer - --json

    Any worker can be asked; it passes the question on to the one that holds the customer. Workers tell
    nothing about single customers unless the setting `customer_api` is true: these are personal data. Others
    of this machine can read a command line: where that matters, give the id on standard input.
    """
    from service.cli.ask import address_of, ask

    settings = chosen(config, assignments)
    name = sys.stdin.readline().rstrip("\n") if customer == "-" else customer
    if not name:
        raise UserError("no customer: give its id, or `-` and the id on standard input")
    found = ask(url or address_of(settings), settings.token, "/api/v1/customers", {"id": name})
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    else:
        from service.cli.customer_tables import print_customer

        print_customer(found)
