"""The knob that shortens all times of the shipped configuration."""

from pathlib import Path

import pytest

from deploy import hurry
from tests.deploy.programs import told


@pytest.mark.parametrize(
    ("text", "shortened"),
    [
        ("        for: 30m\n", "        for: 18000ms\n"),
        ("  scrape_interval: 15s\n", "  scrape_interval: 1000ms\n"),
        ("    - group_wait: 500ms\n", "    - group_wait: 500ms\n"),
        ("  repeat_interval: 1d", "  repeat_interval: 864000ms"),
        ("avg_over_time(x[7d] offset 1d)", "avg_over_time(x[6048000ms] offset 864000ms)"),
        ("last_over_time(x[5m])", "last_over_time(x[3000ms])"),
    ],
)
def test_a_duration_is_divided_but_not_below_the_least(text: str, shortened: str) -> None:
    assert hurry.hurried(text, 100) == shortened


@pytest.mark.parametrize(
    "text",
    ['x{window="24h"}', "labels: {window: 24h}", "labels: {over: 90d}", "expr: vector(600)", "for 30m"],
)
def test_a_window_and_a_threshold_stay_what_they_are(text: str) -> None:
    assert hurry.hurried(text, 100) == text


def test_nothing_in_rules_falls_below_what_a_takeover_needs() -> None:
    assert hurry.hurried("for: 15m", 1_000, hurry.TAKEOVER) == "for: 20000ms"
    assert hurry.hurried("for: 1d", 1_000, hurry.TAKEOVER) == "for: 86400ms"


def test_the_shipped_configuration_in_a_hurry_is_still_one(tmp_path: Path) -> None:
    hurry.write(tmp_path, 1_000)
    told("promtool", "check", "config", tmp_path / "prometheus" / "prometheus.yml")
    told("amtool", "check-config", tmp_path / "alertmanager" / "alertmanager.yml")
