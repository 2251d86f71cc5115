"""A table with a line for each window: retention, churn and its bounds, replacement."""

from typing import Final, NamedTuple

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.dashboards.panels import NO_SAMPLES, described, now, option
from deploy.dashboards.queries import Query, figure

_ORDER: Final = (
    "24h", "72h", "7d", "30d", "90d", "180d", "365d", "last_month", "last_quarter", "last_year",
)  # fmt: skip
_PLACE: Final = "place"


class Column(NamedTuple):
    """A column: the metric it shows, its heading and its unit."""

    metric: str
    heading: str
    unit: str


COLUMNS: Final = (
    Column("retention_ratio", "Retention", units.PercentUnit),
    Column("churn_ratio", "Churn", units.PercentUnit),
    Column("churn_ratio_lower", "at least", units.PercentUnit),
    Column("churn_ratio_upper", "at most", units.PercentUnit),
    Column("net_replacement_ratio", "Replacement", units.NoUnit),
    Column("window_covered", "History", units.NoUnit),
)


def windows_table(number: int, title: str, meaning: str, basis: str) -> table.Panel:
    """All windows of one basis, the shortest first, calendar periods last."""
    panel = described(table.Panel(), number, title, meaning, units.NoUnit, NO_SAMPLES, (12, 9))
    queries = {column.metric: figure(column.metric, {"basis": basis}, ("window",)) for column in COLUMNS}
    queries[_PLACE] = _places(basis)
    for name, expression in queries.items():
        panel = panel.with_target(now(name, Query(expression, ""), PromQueryFormat.TABLE))
    for transformation in _transformations():
        panel = panel.with_transformation(transformation)
    for column in COLUMNS[:-1]:
        options = [option("unit", column.unit), option("decimals", 2 if column.unit == units.NoUnit else 1)]
        panel = panel.override_by_name(column.heading, options)
    return panel.override_by_name(COLUMNS[-1].heading, [option("mappings", _COVERED)])


def _places(basis: str) -> str:
    """For each window its place in the table; windows of one's own come last."""
    return " or ".join(
        f"0 * {figure('window_covered', {'basis': basis, 'window': window}, ('window',))} + {place}"
        for place, window in enumerate(_ORDER)
    )


def _transformations() -> list[DataTransformerConfig]:
    """One line a window: join the queries, sort, leave out instants and places, name the columns."""
    names = [*(column.metric for column in COLUMNS), _PLACE]
    instants = {f"Time {place}": True for place in range(1, len(names) + 1)}
    headings = {f"Value #{column.metric}": column.heading for column in COLUMNS}
    return [
        DataTransformerConfig(id_val="joinByField", options={"byField": "window", "mode": "outer"}),
        DataTransformerConfig(
            id_val="sortBy", options={"fields": {}, "sort": [{"field": f"Value #{_PLACE}"}]}
        ),
        DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": {**instants, f"Value #{_PLACE}": True},
                "indexByName": {"window": 0} | {name: place for place, name in enumerate(headings, 1)},
                "renameByName": {"window": "Window", **headings},
            },
        ),
    ]


_COVERED: Final = [
    {
        "type": "value",
        "options": {
            "0": {"text": "too short", "color": "orange", "index": 0},
            "1": {"text": "complete", "color": "green", "index": 1},
        },
    }
]
