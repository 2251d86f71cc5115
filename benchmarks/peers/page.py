"""The results as a part of docs/performance.md, and the plot beside it."""

import platform
from collections.abc import Iterator

from benchmarks.machine import broker, loop, machine, pinned
from benchmarks.peers import java, table
from benchmarks.peers.results import Result
from keeping import ROOT, page

NAME, PLOT = "peers", "performance-peers.svg"
MANY, MANY_CUSTOMERS = "peers-many", 1_000_000
PEERS = {"Quix Streams": "quixstreams", "Bytewax": "bytewax", "Faust": "faust-streaming"}


def write(told: list[Result], events: int, warm: int, customers: int) -> None:
    """Put the results on the page, and the plot beside it; those of many customers have a place of their
    own, without plot and settings."""
    if customers >= MANY_CUSTOMERS:
        page.put(MANY, measured(told, events, warm, customers))
        return
    from benchmarks.peers import plot  # not at the top: the plotting library takes its time to be there

    plot.draw(told, page.DOCS / PLOT)
    page.put(NAME, text(told, events, warm, customers))


def text(told: list[Result], events: int, warm: int, customers: int) -> str:
    """Where, how much, the table, the plot, and what each engine got."""
    return (
        f"{measured(told, events, warm, customers)}\n"
        f"![Events per CPU second and per second of each engine]({PLOT})\n\n"
        f"{table.settings(told)}"
    )


def measured(told: list[Result], events: int, warm: int, customers: int) -> str:
    """Where, how much, and the table."""
    named = ", ".join(f"{name} {version}" for name, version in versions())
    return (
        f"Measured on: {machine()}.\nVersions: {named}.\n{events:,} events of {customers:,} customers after "
        f"{warm:,} to warm up; medians (lowest … highest round).\n\n"
        f"{table.markdown(told)}"
    )


def versions() -> Iterator[tuple[str, str]]:
    """Of what was measured and of what it ran on."""
    yield "Python", platform.python_version()
    yield "Java", java.version()
    yield "broker: Kafka", broker()
    pom = f"{java.HERE.relative_to(ROOT)}/pom.xml"
    yield "Kafka Streams", pinned(pom, r"<kafka\.version>(.+)<")
    yield "Flink", pinned(pom, r"<flink\.version>(.+)<")
    yield "aiokafka", pinned("requirements.txt", r"^aiokafka==(\S+)")
    for name, package in PEERS.items():
        yield name, pinned("requirements-peers.txt", rf"^{package}==(\S+)")
    yield "subpulse:", loop()
