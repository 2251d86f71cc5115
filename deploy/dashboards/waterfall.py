"""MRR from the start of a window to its end as a waterfall: bars that hang at the height where they begin.

Grafana has no such panel. A stacked bar chart does it: what lies below a step is drawn without colour.
"""

from typing import Final, NamedTuple

from grafana_foundation_sdk.builders import barchart, common
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.common import StackingMode, VisibilityMode
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.dashboards.panels import BLUE, GREEN, NO_SAMPLES, RED, described, now, option
from deploy.dashboards.queries import MONEY_IN_WINDOW, Query, figure

GAINS: Final = ("new", "reactivation", "expansion")
LOSSES: Final = ("contraction", "churn")
_HIDDEN: Final = "below"
_COLORS: Final = {_HIDDEN: "transparent", "level": BLUE, "gain": GREEN, "loss": RED}


class Step(NamedTuple):
    """A bar: its name, what is drawn below it (PromQL), and its height."""

    name: str
    kind: str
    below: str
    height: str


def waterfall(number: int, title: str, meaning: str) -> barchart.Panel:
    """The panel, for the chosen window and currency."""
    panel = described(barchart.Panel(), number, title, meaning, units.LocaleFormat, NO_SAMPLES, (12, 8))
    for kind, color in _COLORS.items():
        query = Query(_bars(kind), "")
        panel = panel.with_target(now(kind, query, PromQueryFormat.TABLE))
        fixed = [option("color", {"mode": "fixed", "fixedColor": color})]
        if kind == _HIDDEN:
            fixed.append(option("custom.hideFrom", {"legend": True, "tooltip": True, "viz": False}))
        panel = panel.override_by_name(kind, fixed)
    for transformation in _transformations():
        panel = panel.with_transformation(transformation)
    return (
        panel.x_field("step")
        .stacking(StackingMode.NORMAL)
        .show_value(VisibilityMode.NEVER)
        .bar_width(0.9)
        .legend(common.VizLegendOptions().show_legend(False))
    )


def steps_of_the_window() -> list[Step]:
    """Start, gains, losses, end; each begins where the one before it ended."""
    start = figure("mrr_at_start", MONEY_IN_WINDOW)
    height = start
    steps = [Step("start", "level", f"0 * {start}", start)]
    for kind in GAINS:
        moved = _moved(kind)
        steps.append(Step(kind, "gain", height, moved))
        height += f" + {moved}"
    for kind in LOSSES:
        moved = _moved(kind)
        height += f" - {moved}"
        steps.append(Step(kind, "loss", height, moved))
    return [*steps, Step("end", "level", f"0 * {start}", height)]


def _moved(kind: str) -> str:
    return figure("mrr_movement", {**MONEY_IN_WINDOW, "kind": kind})


def _bars(kind: str) -> str:
    """One series a step, called so that the alphabet keeps the steps in order."""
    found = []
    for place, step in enumerate(steps_of_the_window(), 1):
        if kind in {_HIDDEN, step.kind}:
            value = step.below if kind == _HIDDEN else step.height
            found.append(f'label_replace({value}, "step", "{place} {step.name}", "", "")')
    return " or ".join(found)


def _transformations() -> list[DataTransformerConfig]:
    """One line a step, with a column for each kind of bar."""
    instants = {f"Time {place}": True for place in range(1, len(_COLORS) + 1)}
    return [
        DataTransformerConfig(id_val="joinByField", options={"byField": "step", "mode": "outer"}),
        DataTransformerConfig(id_val="sortBy", options={"fields": {}, "sort": [{"field": "step"}]}),
        DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": instants,
                "indexByName": {"step": 0} | {f"Value #{kind}": n for n, kind in enumerate(_COLORS, 1)},
                "renameByName": {f"Value #{kind}": kind for kind in _COLORS},
            },
        ),
    ]
