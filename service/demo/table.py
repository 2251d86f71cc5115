"""The main figures of one reading as a table by window: what a founder wants to see on one screen."""

from collections.abc import Callable
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from service.demo.reading import Reading

NO_VALUE = "–"

Cell = Callable[[Reading, str], str]
"""The text of a figure in a window."""


@dataclass(frozen=True)
class Row:
    """One line of the table; `begins` names a section it opens; a `detail` is left out of small tables."""

    name: str
    cell: Cell
    begins: str = ""
    style: str = ""
    detail: bool = False


def percent(value: float | None) -> str:
    """Return a share as per cent with one digit."""
    return NO_VALUE if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    """Return a count or an amount without digits behind the point."""
    return NO_VALUE if value is None else f"{value:,.0f}"


def cents(value: float | None) -> str:
    """Return an amount with two digits."""
    return NO_VALUE if value is None else f"{value:,.2f}"


def _share(name: str, basis: str) -> Cell:
    return lambda reading, window: percent(reading.value(name, basis=basis, window=window))


def _bounds(basis: str) -> Cell:
    def cell(reading: Reading, window: str) -> str:
        ends = [reading.value(f"churn_ratio_{end}", basis=basis, window=window) for end in ("lower", "upper")]
        if ends[0] is None or ends[1] is None:
            return NO_VALUE
        return f"{100 * ends[0]:.1f}–{100 * ends[1]:.1f}"

    return cell


def _customers(state: str, basis: str) -> Cell:
    return lambda reading, window: number(reading.total(f"customers_{state}", basis=basis, window=window))


def _involuntary(reading: Reading, window: str) -> str:
    churned = reading.total("customers_churned", basis="subscription", window=window)
    lost = reading.total("customers_churned_by_reason", window=window, **{"class": "involuntary"})
    return NO_VALUE if churned is None else number(lost or 0.0)


def _orders(reading: Reading, window: str) -> str:
    return number(reading.total("orders", window=window))


def _in_currency(name: str, currency: str, text: Callable[[float | None], str]) -> Cell:
    return lambda reading, window: text(reading.total(name, window=window, currency=currency))


def _movement(kind: str, currency: str, sign: str) -> Cell:
    def cell(reading: Reading, window: str) -> str:
        moved = reading.value("mrr_movement", window=window, currency=currency, kind=kind)
        return sign + number(moved) if moved else number(moved)

    return cell


def rows(currency: str) -> list[Row]:
    """Return the lines of the table; money in one currency."""
    movements = ("new", "+"), ("reactivation", "+"), ("expansion", "+"), ("contraction", "-"), ("churn", "-")
    return [
        Row("churn", _share("churn_ratio", "subscription"), "Subscribers (paying)", "bold red"),
        Row("  95 % bounds, in %", _bounds("subscription"), style="dim", detail=True),
        Row("retention", _share("retention_ratio", "subscription"), style="bold green"),
        Row("customers at start", _customers("at_start", "subscription"), detail=True),
        Row("  churned", _customers("churned", "subscription")),
        Row("    by failed payment", _involuntary, style="dim", detail=True),
        Row("  new", _customers("new", "subscription")),
        Row("  reactivated", _customers("reactivated", "subscription"), detail=True),
        Row("customers at end", _customers("at_end", "subscription")),
        Row("churn", _share("churn_ratio", "orders"), "Buyers (renewals are orders)", "bold red"),
        Row("  95 % bounds, in %", _bounds("orders"), style="dim", detail=True),
        Row("retention", _share("retention_ratio", "orders"), style="bold green"),
        Row("customers at end", _customers("at_end", "orders")),
        Row("orders", _orders, detail=True),
        Row(f"average order value, {currency}", _in_currency("average_order_value", currency, cents)),
        Row(f"MRR at start, {currency}", _in_currency("mrr_at_start", currency, number), "Recurring revenue"),
        *(Row(f"  {kind}", _movement(kind, currency, sign), detail=True) for kind, sign in movements),
        Row("net revenue retention", _in_currency("net_revenue_retention_ratio", currency, percent)),
    ]


def main_currency(reading: Reading) -> str:
    """Return the currency with the greatest MRR; EUR while there is none."""
    currencies = reading.values_of("mrr", "currency")
    return max(currencies, key=lambda code: reading.total("mrr", currency=code) or 0.0, default="EUR")


def figures_table(reading: Reading, windows: tuple[str, ...], details: bool) -> Table:
    """Return the table of a reading; without `details` it fits a small terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 0, 0, 1))
    table.add_column("", no_wrap=True)
    for window in windows:
        table.add_column(window.replace("_", " "), justify="right", no_wrap=True)
    for row in rows(main_currency(reading)):
        if row.begins:
            table.add_row(Text(row.begins, "bold cyan"))
        if details or not row.detail:
            cells = [Text(row.cell(reading, window), row.style) for window in windows]
            table.add_row(Text(f"  {row.name}", row.style), *cells)
    return table


def value_table(reading: Reading) -> Table:
    """Return what has no window: a line per currency with MRR now and the lifetime values."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("Value")
    for heading in ("MRR now", "LTV realized", "LTV formula", "LTV lecture", "share of top 20 %"):
        table.add_column(heading, justify="right", no_wrap=True)
    for currency in reading.values_of("mrr", "currency"):
        table.add_row(
            Text(currency, "bold"),
            number(reading.total("mrr", currency=currency)),
            cents(reading.value("realized_ltv_mean", currency=currency)),
            cents(reading.value("formula_ltv", currency=currency)),
            cents(reading.value("lecture_ltv", currency=currency)),
            percent(reading.value("pareto_revenue_share", currency=currency)),
        )
    return table
