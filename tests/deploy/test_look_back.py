"""How far the rules look back, and how long Prometheus is told to keep what they look at."""

import re
from functools import cache

import pytest

from tests.deploy.test_rules import ALERTS, ROOT, rules
from tests.project.compose import defaults

MINUTE, DAY = 60, 86_400
SECONDS = {"s": 1, "m": MINUTE, "h": 3_600, "d": DAY, "w": 7 * DAY}
READ = re.compile(r"\b([a-z_]\w*(?::\w+)*)(?:\{[^}]*\})?(?:\[(\w+)\])?(?:\s+offset (\w+))?")
PLACES = (".env.example", "deploy/prometheus/prometheus.yml", "docs/alerting.md")


def seconds(duration: str) -> int:
    """A duration of PromQL, with one unit; an empty one is none."""
    return int(duration[:-1]) * SECONDS[duration[-1]] if duration else 0


@cache
def recorded() -> dict[str, list[str]]:
    """Record -> the expressions that make it."""
    made: dict[str, list[str]] = {}
    for rule in rules():
        if "record" in rule:
            made.setdefault(rule["record"], []).append(rule["expr"])
    return made


def back(expression: str) -> int:
    """Seconds from now back to the oldest sample behind an expression: range, offset, and its records'."""
    reads = READ.findall(expression)
    return max(
        (
            seconds(over) + seconds(offset) + max(map(back, recorded().get(name, [])), default=0)
            for name, over, offset in reads
        ),
        default=0,
    )


LONGEST = max(back(rule["expr"]) for rule in ALERTS.values())


@pytest.mark.parametrize(
    ("expression", "seconds_back"),
    [
        ("up", 0),
        ('max_over_time(up{job="x"}[1h])', 3_600),
        ("up\n offset 1d", DAY),
        ("avg_over_time(up[7d] offset 7d) and up offset 10d", 14 * DAY),
        ("business:subpulse_subscriptions_past_due:last5m offset 1d", DAY + 5 * MINUTE),
    ],
)
def test_range_and_offset_and_those_of_records_add_up(expression: str, seconds_back: int) -> None:
    assert back(expression) == seconds_back


@pytest.mark.parametrize("place", PLACES)
def test_what_is_said_of_how_far_alerts_look_back_is_true(place: str) -> None:
    text = (ROOT / place).read_text()
    (least,) = re.findall(r"at least (\d+)\s+days", text)
    (said,) = re.findall(r"looks? back (\d+)\s+days", text)
    assert int(said) == LONGEST // DAY
    assert int(least) * DAY > LONGEST


def test_prometheus_keeps_longer_than_alerts_look_back() -> None:
    (kept,) = defaults()["PROMETHEUS_RETENTION"]
    assert seconds(kept) > LONGEST
