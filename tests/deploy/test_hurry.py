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


@pytest.mark.parametrize("times", ["0", "nan", "inf", "-5", "soon"])
def test_times_that_shorten_nothing_are_refused_in_a_sentence(
    times: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["hurry", f"--times={times}", str(tmp_path / "copies")])
    with pytest.raises(SystemExit) as ended:
        hurry.main()
    assert ended.value.code == 2
    assert f"--times: '{times}' is not how many times as fast" in capsys.readouterr().err
    assert not (tmp_path / "copies").exists()


def test_a_folder_that_is_a_file_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("sys.argv", ["hurry", str(tmp_path / "file")])
    with pytest.raises(SystemExit) as ended:
        hurry.main()
    assert ended.value.code == 2
    assert f"{tmp_path / 'file'} cannot be written" in capsys.readouterr().err
