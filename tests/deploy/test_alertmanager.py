"""The configuration of Alertmanager: it loads, only critical alerts are pages, and it knows its alerts."""

import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.alertmanager import Alertmanager
from tests.deploy.programs import told
from tests.deploy.test_rules import ALERTS

FILE = Path(__file__).parents[2] / "deploy" / "alertmanager" / "alertmanager.yml"
CONFIGURATION: dict[str, Any] = yaml.safe_load(FILE.read_text())


def test_alertmanager_accepts_it() -> None:
    told("amtool", "check-config", FILE)


@pytest.mark.parametrize(("severity", "receiver"), [("critical", "pages"), ("warning", "notices")])
def test_only_what_is_critical_is_a_page(severity: str, receiver: str) -> None:
    alert = ("alertname=SubpulseAny", "area=churn", "job=subpulse", f"severity={severity}")
    answer = told("amtool", "config", "routes", "test", f"--config.file={FILE}", *alert)
    assert answer.split()[0] == receiver


def test_what_it_says_of_alerts_is_about_alerts_that_there_are() -> None:
    named = set(re.findall(r"Subpulse[A-Za-z]+", FILE.read_text()))
    assert named
    assert named <= set(ALERTS)


def test_no_alert_silences_a_page() -> None:
    pages = {name for name, rule in ALERTS.items() if rule["labels"]["severity"] == "critical"}
    for rule in CONFIGURATION["inhibit_rules"]:
        targets = " ".join(rule["target_matchers"])
        assert 'severity != "critical"' in targets or not any(page in targets for page in pages)


def test_while_a_churn_spike_is_a_page_the_other_signs_of_the_wave_are_held_back(tmp_path: Path) -> None:
    wave = {name for name, rule in ALERTS.items() if rule["labels"]["area"] == "churn"}
    wave |= {"SubpulseInvoluntaryChurn", "SubpulseNetRevenueRetentionLow"}
    signs = wave - {"SubpulseChurnSpike"}
    others = {"SubpulsePaymentOutage", "SubpulseRefundWave", "SubpulseOrderValueDrop", "SubpulseLagging"}
    here, elsewhere = {("here", name) for name in wave | others}, {("elsewhere", name) for name in signs}
    firing = [{"alertname": name, "job": job, **ALERTS[name]["labels"]} for job, name in here | elsewhere]
    held = {("here", name) for name in signs}
    shutil.copy(FILE, tmp_path)
    with Alertmanager(tmp_path) as alertmanager:
        alertmanager.add(firing)
        wait_until_held_back(alertmanager, {one: one in held for one in here | elsewhere})


def test_alerts_of_others_are_never_held_back(tmp_path: Path) -> None:
    holds = {
        "SubpulseChurnSpike": "SubpulsePlanChurnSpike",
        "SubpulseDataStale": "SubpulseRefundWave",
        "SubpulseFiguresAbsent": "SubpulseRefundWave",
    }
    firing, expected = [], {}
    for cause, held in holds.items():
        firing.append({"alertname": cause, "job": cause, **ALERTS[cause]["labels"]})
        firing += [{"alertname": name, "job": cause, **ALERTS[held]["labels"]} for name in (held, "DiskFull")]
        expected |= {(cause, cause): False, (cause, held): True, (cause, "DiskFull"): False}
    absent = {"alertname": "SubpulseFiguresAbsent", **ALERTS["SubpulseFiguresAbsent"]["labels"]}
    shutil.copy(FILE, tmp_path)
    with Alertmanager(tmp_path) as alertmanager:
        alertmanager.add(firing)
        wait_until_held_back(alertmanager, expected)
        alertmanager.add([absent])  # of no job: it holds back those of all jobs
        expected |= {("", "SubpulseFiguresAbsent"): False, ("SubpulseDataStale", "SubpulseDataStale"): True}
        wait_until_held_back(alertmanager, expected)


def wait_until_held_back(alertmanager: Alertmanager, expected: dict[tuple[str, str], bool]) -> None:
    limit = time.monotonic() + 60
    while (found := alertmanager.held_back()) != expected:
        assert time.monotonic() < limit, found
        time.sleep(0.1)


def test_it_holds_no_secret() -> None:
    assert not re.search(
        r"(?m)^\s*(- )?\w*(password|token|key|secret|credentials|api_url):", FILE.read_text()
    )
