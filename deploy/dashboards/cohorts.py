"""Cohorts as the triangle that everybody knows: a line a month of first activity, a column a month of age."""

from typing import Final

from grafana_foundation_sdk.builders import dashboard, table
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.common import (
    TableCellBackgroundDisplayMode,
    TableColoredBackgroundCellOptions,
)
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, FieldColorModeId
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.dashboards.frame import Part
from deploy.dashboards.panels import described, now
from deploy.dashboards.queries import Query, figure

_NO_COHORT: Final = "no value: no month is over since the first customers came"


def cohorts() -> list[Part]:
    """Who stays, and who comes back, by the month in which they came."""
    return [
        _triangle(
            33,
            "Subscribers by cohort",
            "Of the customers who first paid in a month (line), the share that paid at the end of the month "
            "so many months later (column).",
            "subscription",
        ),
        _triangle(
            34,
            "Buyers by cohort",
            "Of the customers who first ordered in a month (line), the share that ordered so many months "
            "later (column).",
            "orders",
        ),
    ]


def _triangle(number: int, title: str, meaning: str, basis: str) -> table.Panel:
    query = Query(figure("cohort_retained_ratio", {"basis": basis}, ("month", "age")), "")
    panel = described(table.Panel(), number, title, meaning, units.PercentUnit, _NO_COHORT, (12, 11))
    panel = panel.with_target(now("A", query, PromQueryFormat.TABLE)).decimals(0)
    for transformation in _transformations():
        panel = panel.with_transformation(transformation)
    shaded = TableColoredBackgroundCellOptions(mode=TableCellBackgroundDisplayMode.GRADIENT)
    return (
        panel.cell_options(shaded)
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.CONTINUOUS_RD_YL_GR))
        .min(0)
        .max(1)
    )


def _transformations() -> list[DataTransformerConfig]:
    """Ages are sorted as numbers, for "10" comes before "2" as a text; then each becomes a column."""
    numbers = [{"targetField": "age", "destinationType": "number"}]
    matrix = {"columnField": "age", "rowField": "month", "valueField": "Value", "emptyValue": "empty"}
    return [
        DataTransformerConfig(id_val="convertFieldType", options={"fields": {}, "conversions": numbers}),
        DataTransformerConfig(id_val="sortBy", options={"fields": {}, "sort": [{"field": "age"}]}),
        DataTransformerConfig(id_val="groupingToMatrix", options=matrix),
        DataTransformerConfig(id_val="sortBy", options={"fields": {}, "sort": [{"field": "month\\age"}]}),
    ]
