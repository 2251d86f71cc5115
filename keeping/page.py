"""Parts of pages of docs/ that commands write, each between marks of its own."""

from collections.abc import Iterable, Sequence

from keeping import ROOT

DOCS = ROOT / "docs"


def put(name: str, text: str, file: str = "performance.md") -> None:
    """Put `text` between the marks of this name on a page of docs."""
    before, _, after = _parts(name, file)
    begin, end = marks(name)
    (DOCS / file).write_text(f"{before}{begin}{text}{end}{after}", "utf-8")


def written(name: str, file: str) -> str:
    """What stands there now."""
    return _parts(name, file)[1]


def _parts(name: str, file: str) -> tuple[str, str, str]:
    begin, end = marks(name)
    before, rest = (DOCS / file).read_text("utf-8").split(begin)
    text, after = rest.split(end)
    return before, text, after


def marks(name: str) -> tuple[str, str]:
    """The lines before and after a part."""
    return f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """As Markdown; the first `words` columns are words, the others numbers."""
    ruler = [*["---"] * words, *["--:"] * (len(headings) - words)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (headings, ruler, *rows))
