"""The answer to what-if as tables for the eye, and what it assumes below them."""

import sys
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

NO_VALUE = "–"
NAMES = {"subscription": "Subscribers (paying)", "orders": "Buyers (renewals are orders)"}


def print_answer(found: dict[str, Any]) -> None:
    """Print it to standard output."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(f"12 months on, as of {found['as_of']}", style="bold")
    for course in found["courses"]:
        if course["money"] or course["customers_now"]:
            console.print(_course(course))
            if course["yearly_retention"]["present_course"] is None:
                console.print(f"  {NO_VALUE}: the business is too young for a retention to go by")
            _assume(console, course["assumptions"])
    if met := found["minimum_order"]:
        _orders_met(console, met)
    for price in found["price_changes"]:
        _price_met(console, price)
    _assume(console, found["assumptions"])


def _orders_met(console: Console, met: dict[str, Any]) -> None:
    value = met["average_order_value"]
    before, after = (_money(value[name]) for name in ("present_course", "what_if"))
    console.print(
        f"Orders below the minimum: {met['orders_below']:,} of {met['orders']:,} in the last 365 days. "
        f"Raised to it, the average order value goes from {before} to {after} {met['currency']}; "
        f"break-even when {_percent(met['break_even'])} of them are lost instead.\n"
    )


def _price_met(console: Console, price: dict[str, Any]) -> None:
    now, then = (_money(price["mrr"][name]) for name in ("present_course", "what_if"))
    console.print(
        f"MRR of {price['plan']} goes from {now} to {then} {price['currency']}; "
        f"break-even when {_percent(price['break_even'])} of it are lost.\n"
    )


def _course(course: dict[str, Any]) -> Table:
    table = Table(NAMES[course["basis"]], box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("now", "present course", "what if", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    _row(table, "yearly retention", course["yearly_retention"], _percent)
    _row(table, "customers", course["customers"], _count, _count(course["customers_now"]))
    for money in course["money"]:
        for name in ("revenue", "profit"):
            _row(table, f"{name} of the 12 months, {money['currency']}", money[name], _money)
    return table


def _row(table: Table, name: str, change: dict[str, Any], shown: Any, now: str = "") -> None:
    before, after = change["present_course"], change["what_if"]
    difference = None if before is None or after is None else after - before
    sign = "+" if difference is not None and difference > 0 else ""
    table.add_row(name, now, shown(before), shown(after), sign + shown(difference))


def _assume(console: Console, sentences: list[str]) -> None:
    for sentence in sentences:
        console.print(Padding(f"· {sentence}", (0, 0, 0, 2)), style="dim")
    console.print()


def _percent(share: float | None) -> str:
    return NO_VALUE if share is None else f"{100 * share:.1f} %"


def _count(number: float | None) -> str:
    return NO_VALUE if number is None else f"{number:,.0f}"


def _money(amount: float | None) -> str:
    return NO_VALUE if amount is None else f"{amount:,.2f}"
