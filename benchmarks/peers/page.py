"""The results as a part of docs/performance.md, and the plot beside it."""

import platform
import re
import shutil
import subprocess
from collections.abc import Iterator

from benchmarks.peers import java, table
from benchmarks.peers.engines import ROOT
from benchmarks.peers.kept import machine
from benchmarks.peers.results import Result

DOCS = ROOT / "docs"
BEGIN, END = "<!-- peers: begin -->\n", "<!-- peers: end -->\n"
PLOT = "performance-peers.svg"
PEERS = {"Quix Streams": "quixstreams", "Bytewax": "bytewax", "Faust": "faust-streaming"}


def write(told: list[Result], events: int, warm: int, customers: int) -> None:
    """Put the results between the marks of the page."""
    from benchmarks.peers import plot  # not at the top: the plotting library takes its time to be there

    page = DOCS / "performance.md"
    before, rest = page.read_text("utf-8").split(BEGIN)
    _, after = rest.split(END)
    plot.draw(told, DOCS / PLOT)
    page.write_text(f"{before}{BEGIN}{text(told, events, warm, customers)}{END}{after}", "utf-8")


def text(told: list[Result], events: int, warm: int, customers: int) -> str:
    """Where, how much, the table, the plot, and what each engine got."""
    named = ", ".join(f"{name} {version}" for name, version in versions())
    return (
        f"Measured on: {machine()}.\nVersions: {named}.\n{events:,} events of {customers:,} customers after "
        f"{warm:,} to warm up; medians (lowest … highest round).\n\n"
        f"{table.markdown(told)}\n"
        f"![Events per CPU second and per second of each engine]({PLOT})\n\n"
        f"{table.settings(told)}"
    )


def versions() -> Iterator[tuple[str, str]]:
    """Of what was measured and of what it ran on."""
    yield "Python", platform.python_version()
    yield "Java", _java()
    yield "broker: Kafka", _pinned("service/embedded/kafka.lock", r"org\.apache\.kafka:kafka_[\d.]+:(\S+)")
    pom = f"{java.HERE.relative_to(ROOT)}/pom.xml"
    yield "Kafka Streams", _pinned(pom, r"<kafka\.version>(.+)<")
    yield "Flink", _pinned(pom, r"<flink\.version>(.+)<")
    yield "aiokafka", _pinned("requirements.txt", r"^aiokafka==(\S+)")
    for name, package in PEERS.items():
        yield name, _pinned("requirements-peers.txt", rf"^{package}==(\S+)")


def _pinned(file: str, pattern: str) -> str:
    found = re.search(pattern, (ROOT / file).read_text("utf-8"), re.M)
    if not found:
        raise ValueError(f"{file} does not pin {pattern}")
    return found[1]


def _java() -> str:
    if not shutil.which("java"):
        return "none"
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "([^"]+)"', told)
    return found[1] if found else "unknown"
