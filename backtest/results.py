"""Results on disk, a line each; those of other rules or another simulation do not count."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from backtest.cases import Case
from backtest.rules import Rules
from backtest.running import Result, watching

ROOT = Path(__file__).parent.parent
_CODE = ("service/simulation", "backtest/history.py", "backtest/promtool.py", "backtest/running.py")


class Kept:
    """The results in a file, and those to come."""

    def __init__(self, file: Path, rules: Rules) -> None:
        self._file, self._rules, self._code = file, rules, _hash(_sources())
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        self._fired = {(line["mark"], line["key"]): line["fired"] for line in map(json.loads, lines)}

    def of(self, cases: Iterable[Case]) -> dict[str, dict[str, list[tuple[float, float]]]]:
        """What is known of these cases: key -> what fired."""
        known = {case.key: self._fired.get((self._mark(case), case.key)) for case in cases}
        return {key: fired for key, fired in known.items() if fired is not None}

    def add(self, case: Case, result: Result) -> None:
        """Keep one more, now."""
        mark = self._mark(case)
        self._fired[mark, result.key] = result.fired
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"mark": mark, "key": result.key, "fired": result.fired}) + "\n")

    def _mark(self, case: Case) -> str:
        """Differs whenever the result may differ: annotations do not count."""
        used = [
            {name: part for name, part in rule.items() if name != "annotations"}
            for rule in self._rules.behind(watching(case, self._rules))
        ]
        return _hash([self._code.encode(), json.dumps(used, sort_keys=True).encode()])


def _sources() -> Iterable[bytes]:
    for name in _CODE:
        path = ROOT / name
        inside = sorted(p for p in path.rglob("*") if p.suffix in (".py", ".toml"))
        yield from (file.read_bytes() for file in inside or [path])


def _hash(parts: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
