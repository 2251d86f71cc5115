"""The rules of Prometheus: they load, every alert is complete, and was seen to fire and to keep quiet."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.exposition.reference import entries
from tests.deploy.programs import told

ROOT = Path(__file__).parents[2]
PROMETHEUS, RUNBOOKS = ROOT / "deploy" / "prometheus", ROOT / "docs" / "runbooks"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TESTS = sorted((PROMETHEUS / "tests").glob("*.test.yml"))
KINDS = {"firing", "below", "guard", "missing"}


def rules() -> list[dict[str, Any]]:
    """All rules of all files."""
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
EXPRESSIONS = "\n".join(rule["expr"] for rule in rules())


def test_prometheus_accepts_its_configuration_and_all_rules() -> None:
    told("promtool", "check", "config", PROMETHEUS / "prometheus.yml")


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name.removesuffix(".test.yml"))
def test_an_alert_fires_when_it_should_and_only_then(file: Path) -> None:
    told("promtool", "test", "rules", file)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_tested_for_firing_just_below_guarded_and_missing(name: str) -> None:
    file = yaml.safe_load((PROMETHEUS / "tests" / f"{name}.test.yml").read_text())
    asked = {case["alertname"] for test in file["tests"] for case in test["alert_rule_test"]}
    kinds = {test["name"].split(":")[0] for test in file["tests"]}
    assert asked == {name}
    assert kinds == KINDS
    for test in file["tests"]:
        fired = any(case["exp_alerts"] for case in test["alert_rule_test"])
        kind = test["name"].split(":")[0]
        assert fired if kind == "firing" else True
        assert not fired if kind == "below" else True


def test_no_test_is_of_an_alert_that_is_gone() -> None:
    assert {file.name.removesuffix(".test.yml") for file in TESTS} == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_bad_it_is_and_what_it_is_about(name: str) -> None:
    rule = ALERTS[name]
    assert re.fullmatch(r"Subpulse([A-Z][a-z]+)+", name)
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert rule["labels"]["area"] in {"churn", "payments", "revenue", "acquisition", "pipeline"}
    summary, description = rule["annotations"]["summary"], rule["annotations"]["description"]
    assert summary.endswith(".")
    assert "{{" not in summary
    assert "{{" in description or "{{" not in rule["expr"]
    assert rule["annotations"]["runbook_url"].endswith(f"/{name}.md")


@pytest.mark.parametrize(
    "name", [name for name, rule in ALERTS.items() if rule["labels"]["area"] != "pipeline"]
)
def test_an_alert_on_the_business_waits_for_figures_that_can_be_relied_upon(name: str) -> None:
    rule = ALERTS[name]
    assert "business:subpulse_view:trusted" in rule["expr"]
    assert {"for", "keep_firing_for"} <= set(rule)


def test_every_metric_that_a_rule_reads_is_exported_or_recorded() -> None:
    exported = {entry.name for entry in entries()} | {"process_start_time_seconds"}
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    read = set(re.findall(r"\b(?:[a-z]+:)?subpulse[a-z_]*(?::[a-z0-9_]+)*\b", EXPRESSIONS))
    assert read
    assert read <= exported | recorded


def test_every_parameter_is_used() -> None:
    names = {rule["record"] for rule in rules() if rule.get("record", "").startswith("subpulse:parameter:")}
    assert names <= set(re.findall(r"subpulse:parameter:\w+", EXPRESSIONS))


def test_rules_ask_for_nothing_that_prometheus_3_has_dropped_or_calls_experimental() -> None:
    gone = r"holt_winters|double_exponential_smoothing|limitk|limit_ratio|sort_by_label|mad_over_time|info\("
    assert not re.findall(gone, EXPRESSIONS)
    assert not re.search(r'=~?"[^"]*\ble\b', EXPRESSIONS)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_a_runbook_and_a_place_in_the_index(name: str) -> None:
    page = (RUNBOOKS / f"{name}.md").read_text()
    headings = re.findall(r"(?m)^#+ (.*)$", page)
    assert headings == [name, "What it means", "First look", "Usual causes", "What to do"]
    severity = ALERTS[name]["labels"]["severity"]
    assert f"Severity {severity}," in page
    assert f"| [{name}](runbooks/{name}.md) | {severity} |" in (RUNBOOKS.parent / "alerting.md").read_text()


def test_no_runbook_is_of_an_alert_that_is_gone() -> None:
    assert {page.stem for page in RUNBOOKS.glob("*.md")} == set(ALERTS)


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_a_runbook_speaks_of_metrics_and_alerts_that_there_are(page: Path) -> None:
    text = page.read_text()
    known = {entry.name for entry in entries()} | {rule["record"] for rule in rules() if "record" in rule}
    read = set(re.findall(r"\b(?:[a-z]+:)?subpulse[:_][a-z0-9_:]+\b", text)) - {"subpulse_"}
    endings = ("_bucket", "_sum", "_count")
    assert {name for name in read if not name.endswith(endings)} <= known
    assert set(re.findall(r"\bSubpulse\w+", text)) <= set(ALERTS)
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (page.parent / target).exists()
