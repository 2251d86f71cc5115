"""CDNOW (23,570 real customers, 1997 and 1998) as events of the contract, and its figures in plain SQL.

The SQL knows definitions.md and nothing of the service; time zone UTC. The purchases come from the package
`lifetimes`, which is only located, never imported.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import duckdb

from tests.oracle.labels import Figures

LINES, CUSTOMERS, FREE_LINES, REVENUE_CENTS = 69_659, 23_570, 80, 250_031_563
LAST_DAY = "1998-06-30T12:00:00Z"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def purchases() -> Iterator[tuple[str, str, int]]:
    """(customer, day as YYYYMMDD, cents) of each line, in the order of the file."""
    found = find_spec("lifetimes")
    assert found is not None, "the tests need the package lifetimes for its data: ./dev installs it"
    assert found.submodule_search_locations is not None
    path = Path(found.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"
    for line in path.read_text().splitlines()[1:]:
        customer, day, _, value = line.split()
        yield customer, day, int(Decimal(value) * 100)


def events() -> Iterator[dict]:
    """One `order.placed` a line: at noon UTC, in USD, with identifiers made of the number of the line."""
    for number, (customer, day, cents) in enumerate(purchases(), start=1):
        yield {
            "type": "order.placed",
            "event_id": f"cdnow-{number}",
            "occurred_at": f"{day[:4]}-{day[4:6]}-{day[6:]}T12:00:00Z",
            "customer_id": customer,
            "order_id": f"line-{number}",
            "amount": {"minor": cents, "currency": "USD"},
        }


def figures(as_of: int, windows: tuple[str, ...]) -> Figures:
    """The main figures of the orders basis at `as_of` (microseconds), by SQL; the oracle's shape."""
    now = (EPOCH + timedelta(microseconds=as_of)).replace(tzinfo=None)
    rows = [(customer, datetime.strptime(day + "12", "%Y%m%d%H"), c) for customer, day, c in purchases()]
    columns = [list(column) for column in zip(*rows, strict=True)]
    with duckdb.connect() as connection:
        connection.execute(_BOUGHT, [*columns, now])
        connection.execute(_KNOWN)
        connection.execute(_FIRSTS)
        found: Figures = {}
        for window in windows:
            _window_figures(connection, found, window, f"timestamp '{now}'")
        _lifetime_figures(connection, found)
    return found


def _edges(window: str) -> tuple[str, str, str]:
    """SQL of the start of the previous period, of s and of e; periods are half open, in microseconds."""
    end = "({now} + interval 1 microsecond)"
    length = window[:-1]
    if length.isdigit() and window.endswith("h"):
        return f"({end} - interval {2 * int(length)} hour)", f"({end} - interval {length} hour)", end
    if length.isdigit():
        today = "date_trunc('day', {now})"
        days = int(length)
        return f"({today} - interval {2 * days - 1} day)", f"({today} - interval {days - 1} day)", end
    unit = window.removeprefix("last_")
    own = f"date_trunc('{unit}', {{now}})"
    return f"({own} - 2 * interval 1 {unit})", f"({own} - interval 1 {unit})", own


_BOUGHT = """
create table bought as
select * from (select unnest($1::varchar[]) as customer, unnest($2::timestamp[]) as placed,
                      unnest($3::bigint[]) as cents)
where placed <= $4
"""
_KNOWN = "create view known as select * from bought where cents > 0"
_FIRSTS = "create view firsts as select customer, min(placed) as first from known group by customer"

_WINDOW = """
with edges as (select {before} as before, {start} as s, {end} as e),
  was as (select distinct customer from known, edges where placed >= before and placed < s),
  orders as (select customer, cents from known, edges where placed >= s and placed < e),
  active as (select customer, count(*) as n, sum(cents) as cents from orders group by customer),
  joined as (
    select coalesce(was.customer, active.customer) as customer,
           was.customer is not null as before, active.customer is not null as now
    from was full join active on was.customer = active.customer),
  marked as (
    select joined.*, first >= s as new_in, first < edges.before as old, first < s as existing
    from joined join firsts using (customer), edges)
select
  (select count(*) filter (before) from marked),
  (select count(*) filter (now) from marked),
  (select count(*) filter (before and now) from marked),
  (select count(*) filter (before and not now) from marked),
  (select count(*) filter (now and not before and new_in) from marked),
  (select count(*) filter (now and not before and old) from marked),
  (select coalesce(sum(n) filter (existing), 0)::bigint from active join marked using (customer)),
  (select coalesce(sum(n) filter (not existing), 0)::bigint from active join marked using (customer)),
  (select coalesce(sum(cents) filter (existing), 0)::bigint from active join marked using (customer)),
  (select coalesce(sum(cents) filter (not existing), 0)::bigint from active join marked using (customer)),
  (select count(*) from bought, edges where placed >= s and placed < e and cents = 0),
  (select min(first) <= (select before from edges) from firsts)
"""


def _window_figures(connection: duckdb.DuckDBPyConnection, found: Figures, window: str, now: str) -> None:
    before, start, end = (edge.format(now=now) for edge in _edges(window))
    row = connection.execute(_WINDOW.format(before=before, start=start, end=end)).fetchone()
    assert row is not None
    at_start, at_end, retained, churned, new, back, *rest = row
    old_orders, new_orders, old_cents, new_cents, free, covered = rest

    def put(name: str, value: float | None, **labels: str) -> None:
        found[(f"subpulse_{name}", frozenset({"window": window, **labels}.items()))] = value

    counts = {"at_start": at_start, "at_end": at_end, "retained": retained, "churned": churned}
    for kind, count in {**counts, "new": new, "reactivated": back}.items():
        put(f"customers_{kind}", count, basis="orders", plan="-")
    put("churn_ratio", churned / at_start if at_start else None, basis="orders")
    put("retention_ratio", retained / at_start if at_start else None, basis="orders")
    put("net_replacement_ratio", (new + back) / churned if churned else None, basis="orders")
    put("window_covered", int(bool(covered)), basis="orders")
    put("orders", old_orders, currency="USD", customer="existing")
    put("orders", new_orders, currency="USD", customer="new")
    put("gross_revenue", old_cents / 100, currency="USD", customer="existing")
    put("gross_revenue", new_cents / 100, currency="USD", customer="new")
    put("free_orders", free)
    orders, cents = old_orders + new_orders, old_cents + new_cents
    put("average_order_value", cents / 100 / orders if orders else None, currency="USD")
    put("existing_customer_revenue_ratio", old_cents / cents if cents else None, currency="USD")
    put("purchase_frequency", orders / at_end if at_end else None, currency="USD")


def _lifetime_figures(connection: duckdb.DuckDBPyConnection, found: Figures) -> None:
    row = connection.execute(
        """
        with life as (
            select customer, count(*) as n, sum(cents)::bigint as cents from known group by customer),
          ranked as (select cents, row_number() over (order by cents desc, customer) as place,
                            sum(cents) over (order by cents desc, customer) as so_far from life),
          total as (select sum(cents)::bigint as cents, count(*) as n from life)
        select total.n, total.cents, (select count(*) from life where n >= 2),
          (select sum(ranked.cents) from ranked where place <= ceil(total.n / 5.0)),
          (select min(place) from ranked where so_far * 5 >= total.cents * 4)
        from total
        """
    ).fetchone()
    assert row is not None
    customers, cents, repeating, top, needed = row
    usd = frozenset({("currency", "USD")})
    found[("subpulse_repeat_customers_ratio", frozenset())] = repeating / customers
    found[("subpulse_realized_ltv_gcount", usd)] = customers
    found[("subpulse_realized_ltv_gsum", usd)] = cents / 100
    found[("subpulse_realized_ltv_mean", usd)] = cents / 100 / customers
    found[("subpulse_pareto_revenue_share", usd)] = float(top) / cents
    found[("subpulse_pareto_customer_share", usd)] = needed / customers
