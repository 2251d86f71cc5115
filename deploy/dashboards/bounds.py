"""Churn over time inside the band of its 95 % interval."""

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import units

from deploy.dashboards.panels import BLUE, lines, option
from deploy.dashboards.queries import WINDOW, Query, figure


def churn_with_bounds(number: int, title: str, basis: str) -> timeseries.Panel:
    """The panel, for the chosen window."""
    series = {"churn": "churn_ratio", "at least": "churn_ratio_lower", "at most": "churn_ratio_upper"}
    panel = lines(
        number,
        title,
        f"Churn (basis {basis}) in the chosen window, as it moved. The band is its 95 % Wilson interval: "
        "the fewer customers, the wider.",
        [Query(figure(metric, {"basis": basis, **WINDOW}), legend) for legend, metric in series.items()],
        units.PercentUnit,
        no_value="no value: nobody at the start",
    )
    faint = [option("custom.lineWidth", 0), option("color", {"mode": "fixed", "fixedColor": BLUE})]
    band = [*faint, option("custom.fillBelowTo", "at least"), option("custom.fillOpacity", 15)]
    return panel.override_by_name("at least", faint).override_by_name("at most", band)
