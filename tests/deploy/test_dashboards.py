"""The dashboards: what the code says, complete, in PromQL that parses, of metrics that exist."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from deploy.dashboards import export
from service.exposition import reference
from tests.deploy.dashboards import DASHBOARDS, Document, chosen, panels, queries
from tests.deploy.programs import told

PROVISIONING = Path(export.EXPORTED).parent / "provisioning"
RULES = Path(export.EXPORTED).parents[1] / "prometheus" / "rules"
PANELS = [(uid, panel) for uid, dashboard in DASHBOARDS.items() for panel in panels(dashboard)]
NAMED = [f"{uid}: {panel['title']}" for uid, panel in PANELS]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
OF_PROMETHEUS_AND_THE_PROCESS = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}
GRAFANA_S_OWN = {"__rate_interval"}
SIGNS = [
    ("subpulse-retention-now", "Age of the data"),
    ("subpulse-operations", "Workers up"),
    ("subpulse-operations", "Partitions covered"),
    ("subpulse-operations", "View complete"),
    ("subpulse-operations", "Age of the oldest summary"),
    ("subpulse-operations", "Figures hold for"),
]
SCREEN = 26  # rows of 38 pixels on a screen of 1,080, without the bars of browser and Grafana


def variables(dashboard: Document) -> set[str]:
    return {variable["name"] for variable in dashboard["templating"]["list"]}


def test_the_files_are_what_the_code_says():
    assert export.differing() == []


def test_a_file_that_nobody_makes_is_told(tmp_path):
    export.write(tmp_path)
    (tmp_path / "subpulse-churn.json").write_text("{}\n")
    (tmp_path / "old.json").write_text("{}\n")
    assert export.differing(tmp_path) == ["old.json", "subpulse-churn.json"]


def test_there_are_four_each_with_a_uid_of_its_own():
    assert set(DASHBOARDS) == {
        f"subpulse-{name}" for name in ("retention-now", "churn", "value", "operations")
    }
    assert all(dashboard["uid"] == uid for uid, dashboard in DASHBOARDS.items())
    assert len({dashboard["title"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS)


@pytest.mark.parametrize("uid", DASHBOARDS)
def test_ids_are_given_and_never_twice(uid):
    ids = [panel["id"] for panel in DASHBOARDS[uid]["panels"]]
    assert all(isinstance(number, int) and number > 0 for number in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("uid", DASHBOARDS)
def test_panels_neither_overlap_nor_leave_the_screen(uid):
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARDS[uid]["panels"]:
        place = panel["gridPos"]
        cells = {
            (place.get("x", 0) + x, place.get("y", 0) + y)
            for x in range(place["w"])
            for y in range(place["h"])
        }
        assert not taken & cells, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_retention_now_is_one_screen():
    bottoms = [
        p["gridPos"].get("y", 0) + p["gridPos"]["h"] for p in DASHBOARDS["subpulse-retention-now"]["panels"]
    ]
    assert max(bottoms) <= SCREEN


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=NAMED)
def test_a_panel_says_what_it_shows_in_which_unit_and_what_no_value_means(uid, panel):
    defaults = panel["fieldConfig"]["defaults"]
    assert len(panel["title"]) > 3
    assert panel["description"].endswith(".")
    assert defaults["unit"]
    assert defaults["noValue"]


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=NAMED)
def test_samples_come_from_the_chosen_data_source(uid, panel):
    assert panel["datasource"] == SOURCE
    assert panel["targets"]
    assert all(target["datasource"] == SOURCE for target in panel["targets"])
    names = [target["refId"] for target in panel["targets"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("uid", "title"), SIGNS)
def test_whether_figures_can_be_trusted_is_told_of_this_moment_and_red_when_nothing_is_told(uid, title):
    (panel,) = [panel for panel in panels(DASHBOARDS[uid]) if panel["title"] == title]
    (target,) = panel["targets"]
    assert target["instant"] is True
    assert not target.get("range")
    (gone,) = panel["fieldConfig"]["defaults"]["mappings"]
    assert gone == {"type": "special", "options": {"match": "null+nan", "result": {"color": "red"}}}


@pytest.mark.parametrize("uid", DASHBOARDS)
def test_every_variable_that_is_used_can_be_chosen_and_the_other_way_round(uid):
    dashboard = DASHBOARDS[uid]
    text = "\n".join(
        [
            *(asked.expression for asked in queries() if asked.dashboard == uid),
            *(str(panel["title"]) for panel in panels(dashboard)),
            *(str(variable.get("query")) for variable in dashboard["templating"]["list"]),
            "${datasource}",
        ]
    )
    used = set(re.findall(r"\$\{?(\w+)", text)) - GRAFANA_S_OWN
    assert used == variables(dashboard)


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=NAMED)
def test_every_metric_is_exported_or_recorded_and_asked_of_the_chosen_job(uid, panel):
    for target in panel["targets"]:
        found = re.findall(r"([a-z_][\w:]*)\{([^}]*)\}", target["expr"])
        assert found, target["expr"]
        for name, labels in found:
            assert name in OF_PROMETHEUS_AND_THE_PROCESS | exported() | recorded()
            assert 'job="$job"' in labels
        assert len(found) == len(re.findall(r"\b(?:subpulse_|process_|up\b)", target["expr"]))


@cache
def exported() -> set[str]:
    names: set[str] = set()
    for entry in reference.entries():
        names.add(entry.name)
        if "histogram" in entry.kind:
            names |= {f"{entry.name}{suffix}" for suffix in ("_bucket", "_count", "_sum", "_gcount", "_gsum")}
    return names


@cache
def recorded() -> set[str]:
    groups = [group for path in RULES.glob("*.yml") for group in yaml.safe_load(path.read_text())["groups"]]
    return {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}


def test_every_threshold_that_the_rules_record_is_drawn_those_of_plans_too():
    asked = [asked.expression for asked in queries()]
    thresholds = {f"{name}{{" for name in recorded() if name.endswith(":threshold")}
    assert thresholds
    assert {name for name in thresholds if not any(name in expression for expression in asked)} == set()
    assert any(re.search(r':threshold\{[^}]*plan!=""', expression) for expression in asked)


@pytest.mark.parametrize("uid", DASHBOARDS)
def test_alerts_are_marked_of_the_chosen_job_and_of_none(uid):
    marks = [mark["expr"] for mark in DASHBOARDS[uid]["annotations"]["list"]]
    assert marks
    assert all('job=~"$job|"' in mark for mark in marks)


def test_every_query_is_promql(tmp_path):
    choices = {"job": "subpulse", "window": "30d", "currency": "EUR", "__rate_interval": "1m"}
    marks = [mark["expr"] for dashboard in DASHBOARDS.values() for mark in dashboard["annotations"]["list"]]
    rules = [
        {"record": f"query:{place}", "expr": chosen(expression, **choices)}
        for place, expression in enumerate([*(asked.expression for asked in queries()), *marks])
    ]
    assert rules
    assert not any("$" in rule["expr"] for rule in rules)
    written = tmp_path / "rules.yml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": rules}]}))
    told("promtool", "check", "rules", written)


def test_the_provisioned_source_is_there_for_the_dashboards():
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yaml").read_text())["datasources"]
    assert source["type"] == SOURCE["type"]
    assert source["isDefault"] is True
    assert source["editable"] is False


def test_the_provisioned_dashboards_cannot_drift_in_grafana():
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "subpulse.yaml").read_text())["providers"]
    assert provider["type"] == "file"
    assert provider["allowUiUpdates"] is False
    assert all(dashboard["editable"] is False for dashboard in DASHBOARDS.values())
