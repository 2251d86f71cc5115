"""One customer as tables for the eye."""

import sys
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.printable import printable

NO_VALUE = "–"
ORDERS = 20  # shown; `--json` has more

VALUE = ("currency", "orders", "gross_revenue", "refunded_revenue", "net_revenue")
PLACES = (
    *("currency", "frequency_better_than", "revenue_better_than", "referral_better_than"),
    *("leads_in", "lags_in"),
)
OUTLOOK = ("currency", "probability_alive", "purchases", "value_of_purchases", "value_of_renewals")
STATES = ("id", "since", "until", "status", "plan", "mrr", "currency", "note")
PLACED = ("placed_at", "amount", "currency", "cancelled_at", "refunded")


def print_customer(found: dict[str, Any]) -> None:
    """Print what the API tells of a customer to standard output."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    console.print(Text(f"{_text(found['customer_id'])}, as of {found['as_of']}", "bold"))
    if not found["complete"]:
        console.print("  the customer's partition has not been read to its end: more may follow")
    for label, name in (
        ("signed up", "signed_up_at"),
        ("first order", "first_order_at"),
        ("first paid", "first_paid_at"),
        ("channel", "channel"),
        ("first plan", "first_plan"),
    ):
        console.print(Text(f"  {label}: {_text(found[name])}"))
    console.print(f"  referred by another customer: {'yes' if found['referred'] else 'no'}")
    if found["customers_referred"] is not None:
        console.print(f"  customers referred: {found['customers_referred']:,}")
    console.print(f"  segment: {_text(found['segment'])}")
    _print(console, "Value so far", VALUE, found["value"])
    _print(console, "Among all customers", PLACES, [_place(one) for one in found["places"]])
    _print(console, "The next 365 days", OUTLOOK, found["outlook"])
    states = [
        {"id": one["subscription_id"], **state, "note": _note(one, state)}
        for one in found["subscriptions"]
        for state in one["history"]
    ]
    _print(console, "Subscriptions", STATES, states)
    more = len(found["orders"]) - ORDERS + found["orders_not_listed"]
    title = f"Orders, the newest first{f' (and {more:,} more)' if more > 0 else ''}"
    orders = [{**one, "refunded": _refunded(one)} for one in found["orders"][:ORDERS]]
    _print(console, title, PLACED, orders)


def _place(place: dict[str, Any]) -> dict[str, Any]:
    return {**place, **{name: ", ".join(place[name]) for name in ("leads_in", "lags_in")}}


def _refunded(order: dict[str, Any]) -> str:
    return ", ".join(f"{refund['amount']:,.2f} {refund['currency']}" for refund in order["refunds"])


def _note(contract: dict[str, Any], state: dict[str, Any]) -> str:
    if state["until"] is None:
        due = contract["due_at"]
        kind = "cancellation scheduled" if state["scheduled_to_cancel"] else "trial runs out"
        return f"{kind}: {due}" if due else ""
    ended = state["until"] == contract["ended_at"]
    return f"ended: {contract['reason'] or 'unpaid'}" if ended else ""


def _print(console: Console, title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """A table of these fields of the rows, if there are any."""
    if not rows:
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_text(row[name])) for name in columns))
    console.print(table)


def _text(value: object) -> str:
    match value:
        case None:
            return NO_VALUE
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.2f}"
    return printable(str(value).encode("utf-8", "backslashreplace"))
