"""docs/performance.md: the ratios that stand there are those of the tables of the same page."""

import re

from benchmarks.peers.page import MANY, NAME
from keeping import page

FILE = "performance.md"
HEADINGS = "| subpulse | beside the best of | column | few customers | many |"


def test_the_ratios_on_the_page_are_those_of_its_tables():
    tables = [_table(page.written(name, FILE)) for name in (NAME, MANY)]
    told = _rows((page.DOCS / FILE).read_text("utf-8"), HEADINGS)
    wanted = [[*row[:3], *(_ratio(table, *row[:3]) for table in tables)] for row in told]
    rows = "".join(f"| {' | '.join(row)} |\n" for row in wanted)
    assert told == wanted, f"docs/{FILE}, what the tables say, has to have these rows:\n{rows}"


def _ratio(table: dict[tuple[str, str], dict[str, float]], ours: str, peer: str, column: str) -> str:
    """`peer`: an engine, with the beginning of its variants' names and their threads where those matter."""
    kind, _, threads = peer.partition(", ")
    engine, _, variant = kind.partition(" ")
    last = f"-{threads.split()[0]}" if threads else ""
    best = max(
        (
            row[column]
            for name, row in table.items()
            if name[0] == engine and name[1].startswith(variant) and name[1].endswith(last)
        ),
        default=None,
    )
    own = table.get(("subpulse", ours))
    return f"{own[column] / best:.2f}" if own and best else ""


def _table(text: str) -> dict[tuple[str, str], dict[str, float]]:
    """The medians of each engine and variant, by column."""
    heading = next(line for line in text.splitlines() if line.startswith("| engine |"))
    columns = _cells(heading)[2:4]
    return {
        (engine, variant): dict(zip(columns, map(_median, values[:2]), strict=True))
        for engine, variant, *values in _rows(text, heading)
    }


def _median(cell: str) -> float:
    found = re.match(r"[\d,]+", cell)
    assert found, f"{cell!r} does not begin with a median"
    return float(found[0].replace(",", ""))


def _rows(text: str, heading: str) -> list[list[str]]:
    after = text.split(heading)[1].split("\n\n")[0].strip().splitlines()
    assert len(after) > 1, "a table without rows"
    return [_cells(line) for line in after[1:]]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
