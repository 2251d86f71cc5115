"""PromQL as all panels ask it: of one job, and of whichever worker speaks for the business at the moment."""

from collections.abc import Mapping
from typing import Final, NamedTuple

WINDOW: Final = {"window": "$window"}
MONEY: Final = {"currency": "$currency"}
MONEY_IN_WINDOW: Final = {**WINDOW, **MONEY}
BASES: Final = ("subscription", "orders")


class Query(NamedTuple):
    """An expression, and how its series are called in a legend ({{label}} is replaced)."""

    expression: str
    legend: str


def selector(name: str, where: Mapping[str, str] | None = None) -> str:
    """The series of a metric (named without its prefix) of the chosen job, with these labels."""
    return f"subpulse_{name}{_of_the_job(where)}"


def figure(name: str, where: Mapping[str, str] | None = None, by: tuple[str, ...] = ()) -> str:
    """A figure of the business, one series for each value of `by`.

    One worker exports it; the maximum bridges the moment in which another one takes over.
    """
    grouping = f" by ({', '.join(by)})" if by else ""
    return f"max{grouping} ({selector(name, where)})"


def each(name: str, label: str, where: Mapping[str, str] | None = None) -> Query:
    """A figure of the business, a series for each value of a label, and called by it."""
    return Query(figure(name, where, (label,)), f"{{{{{label}}}}}")


def ranked(name: str, label: str, where: Mapping[str, str] | None = None) -> Query:
    """The same, the largest first; the order holds where the query is asked for one instant."""
    expression, legend = each(name, label, where)
    return Query(f"sort_desc({expression})", legend)


def total(
    name: str, over: tuple[str, ...], where: Mapping[str, str] | None = None, by: tuple[str, ...] = ()
) -> str:
    """A count or an amount of the business, added up over some of its labels."""
    grouping = f" by ({', '.join(by)})" if by else ""
    return f"sum{grouping} ({figure(name, where, (*by, *over))})"


def recorded(name: str, where: Mapping[str, str] | None = None, by: tuple[str, ...] = ()) -> str:
    """A series that a recording rule of deploy/prometheus makes, by its full name; one a value of `by`.

    What has no value of a label in `by` is left out: there it stands for all values together.
    """
    grouping = f" by ({', '.join(by)})" if by else ""
    return f"max{grouping} ({name}{_of_the_job(where, given=by)})"


def rate(name: str, where: Mapping[str, str] | None = None, by: tuple[str, ...] = ()) -> str:
    """What a counter of the workers gains a second, all workers together."""
    grouping = f" by ({', '.join(by)})" if by else ""
    return f"sum{grouping} (rate({selector(name, where)}[$__rate_interval]))"


def quantile(share: float, histogram: str, by: tuple[str, ...] = ()) -> str:
    """That quantile of a histogram of the workers, all workers together."""
    buckets = rate(f"{histogram}_bucket", by=("le", *by))
    return f"histogram_quantile({share}, {buckets})"


def _of_the_job(where: Mapping[str, str] | None, given: tuple[str, ...] = ()) -> str:
    labels = {"job": "$job", **(where or {})}
    matchers = [f'{label}="{value}"' for label, value in labels.items()]
    matchers += [f'{label}!=""' for label in given]
    return f"{{{', '.join(matchers)}}}"
