"""Results on disk; those of other rules or another simulation do not count."""

import json
from collections.abc import Iterable
from pathlib import Path

from backtest.cases import Case
from backtest.rules import Rules
from backtest.running import Result, watching
from keeping.lines import Lines, mark_of, texts

_CODE = ("service/simulation", "backtest/history.py", "backtest/promtool.py", "backtest/running.py")


class Results:
    """The results in a file, and those to come."""

    def __init__(self, file: Path, rules: Rules) -> None:
        self._lines, self._rules = Lines(file, "fired"), rules
        self._code = mark_of(texts(_CODE, (".py", ".toml")))

    def of(self, cases: Iterable[Case]) -> dict[str, dict[str, list[tuple[float, float]]]]:
        """What is known of these cases: key -> what fired."""
        known = {case.key: self._lines.of(self._mark(case), case.key) for case in cases}
        return {key: found[-1] for key, found in known.items() if found}

    def add(self, case: Case, result: Result) -> None:
        """Keep one more, now."""
        self._lines.add(self._mark(case), result.key, result.fired)

    def _mark(self, case: Case) -> str:
        """Differs whenever the result may differ: annotations do not count."""
        used = [
            {name: part for name, part in rule.items() if name != "annotations"}
            for rule in self._rules.behind(watching(case, self._rules))
        ]
        return mark_of([self._code.encode(), json.dumps(used, sort_keys=True).encode()])
