"""Rules on series, evaluated by promtool: the very engine of Prometheus, step by step."""

import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from backtest.history import Series
from backtest.rules import Rules

FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'

_HEAD = re.compile(r"expr: .*?, time: ([0-9a-z]+),")
_FIRES = re.compile(r'\{alertname="([A-Za-z0-9]+)"\}')
_PART = re.compile(r"([0-9]+)(ms|[ywdhms])")
_SECONDS = {"y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0.001}
"""As Prometheus writes spans of time: whole weeks are `w`, whole years `y`."""


class PromtoolError(Exception):
    """Promtool is missing, or found something else than alerts."""


class Stretch(NamedTuple):
    """Steps at which an alert fires without a break, the last one included."""

    first: int
    last: int


def fires(rules: Rules, series: Series, steps: int, seconds: int) -> dict[str, list[Stretch]]:
    """When each alert fires, given series with a value every so many seconds, at steps 0 to `steps` - 1.

    Rules are evaluated at each step, so an alert with a `for` shorter than a step fires at the second one.

    Raises:
        PromtoolError: it is not there, or the rules are wrong.
    """
    with tempfile.TemporaryDirectory(prefix="subpulse-backtest-") as name:
        folder = Path(name)
        (folder / "rules.yml").write_text(yaml.safe_dump(rules.as_file()))
        (folder / "test.yml").write_text(_test(rules, series, steps, seconds))
        said = _run(folder)
    firing: dict[str, list[int]] = defaultdict(list)
    for at, alerts in _told(said):
        for alert in alerts:
            firing[alert].append(round(at / seconds))
    return {alert: _stretches(sorted(at)) for alert, at in sorted(firing.items())}


def _run(folder: Path) -> str:
    program = shutil.which("promtool")
    if program is None:
        raise PromtoolError("promtool is not installed (Debian: apt install prometheus)")
    done = subprocess.run(
        [program, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    if done.returncode and not _HEAD.search(said):
        raise PromtoolError(f"promtool says: {said[:2_000]}")
    return said


def _test(rules: Rules, series: Series, steps: int, seconds: int) -> str:
    """A unit test that wants nothing to fire at any step, so that promtool tells what does."""
    wanted = [{"expr": FIRING, "eval_time": f"{step * seconds}s", "exp_samples": []} for step in range(steps)]
    inputs = [
        {"series": _named(name, labels), "values": " ".join(map(_written, values))}
        for (name, labels), values in series.items()
    ]
    document: dict[str, Any] = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": f"{seconds}s",
        "group_eval_order": rules.order,
        "tests": [{"interval": f"{seconds}s", "input_series": inputs, "promql_expr_test": wanted}],
    }
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the one in C, where it is built
    return str(yaml.dump(document, Dumper=dumper, width=1 << 30))


def _named(name: str, labels: Sequence[tuple[str, str]]) -> str:
    return name + "{" + ",".join(f'{label}="{value}"' for label, value in labels) + "}"


def _written(value: float | None) -> str:
    return "_" if value is None else repr(value)


def _told(said: str) -> list[tuple[float, list[str]]]:
    """Seconds from the start, and the alerts that fire then."""
    heads = list(_HEAD.finditer(said))
    ends = [*(head.start() for head in heads[1:]), len(said)]
    return [
        (_duration(head[1]), _FIRES.findall(said, head.end(), end))
        for head, end in zip(heads, ends, strict=False)
    ]


def _duration(text: str) -> float:
    return sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def _stretches(steps: list[int]) -> list[Stretch]:
    stretches: list[Stretch] = []
    for step in steps:
        if stretches and stretches[-1].last == step - 1:
            stretches[-1] = Stretch(stretches[-1].first, step)
        else:
            stretches.append(Stretch(step, step))
    return stretches
