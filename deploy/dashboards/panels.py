"""The kinds of panels: every one has an id that never changes, a description, a unit and a no-value text."""

from collections.abc import Sequence
from typing import Final, TypeVar

from grafana_foundation_sdk.builders import barchart, bargauge, common, dashboard, stat, table, timeseries
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    DataSourceRef,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    DynamicConfigValue,
    FieldColorModeId,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.dashboards.queries import Query

SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
NO_SAMPLES: Final = "no samples: is a worker running?"
NO_VALUE: Final = "no value: its denominator is 0"
GREEN, RED, AMBER, BLUE, GREY = "green", "red", "orange", "blue", "text"

Panel = TypeVar("Panel", barchart.Panel, bargauge.Panel, stat.Panel, table.Panel, timeseries.Panel)


def described(
    panel: Panel, number: int, title: str, meaning: str, unit: str, no_value: str, size: tuple[int, int]
) -> Panel:
    """A panel with what every panel has; `size` in columns (24 to the screen) and rows."""
    panel = panel.id(number).title(title).description(meaning).datasource(SOURCE)
    return panel.unit(unit).no_value(no_value).span(size[0]).height(size[1])


def steps(*found: tuple[float | None, str]) -> dashboard.ThresholdsConfig:
    """Colours from a value on; the first value is None, for from below."""
    return (
        dashboard.ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(value=value, color=color) for value, color in found])
    )


def single(
    number: int,
    title: str,
    meaning: str,
    query: Query,
    unit: str,
    *,
    thresholds: dashboard.ThresholdsConfig | None = None,
    no_value: str = NO_VALUE,
    decimals: int | None = None,
    width: int = 4,
) -> stat.Panel:
    """One big number, with its course in the background."""
    panel = described(stat.Panel(), number, title, meaning, unit, no_value, (width, 4))
    if decimals is not None:
        panel = panel.decimals(decimals)
    panel = panel.with_target(over_time("A", query)).graph_mode(BigValueGraphMode.AREA)
    return _big(panel, thresholds)


def sign(
    number: int,
    title: str,
    meaning: str,
    query: Query,
    unit: str,
    *,
    thresholds: dashboard.ThresholdsConfig | None = None,
    no_value: str = NO_SAMPLES,
) -> stat.Panel:
    """One big number that tells whether the others can be trusted: as of now alone, and red if there is none.

    Asked over a range, the last number would stand there in green long after everything is dead.
    """
    panel = described(stat.Panel(), number, title, meaning, unit, no_value, (4, 4))
    gone = DashboardSpecialValueMapOptions(SpecialValueMatch.NULL_AND_NAN, ValueMappingResult(color=RED))
    panel = panel.with_target(now("A", query)).graph_mode(BigValueGraphMode.NONE)
    return _big(panel.mappings([SpecialValueMap(gone)]), thresholds)


def share(
    number: int, title: str, meaning: str, expression: str, no_value: str = NO_VALUE, width: int = 4
) -> stat.Panel:
    """One big share, in per cent."""
    query = Query(expression, title)
    return single(
        number, title, meaning, query, units.PercentUnit, decimals=1, no_value=no_value, width=width
    )


def money(number: int, title: str, meaning: str, expression: str, width: int = 4) -> stat.Panel:
    """One big amount, in major units of the chosen currency."""
    query = Query(expression, title)
    return single(number, f"{title}, $currency", meaning, query, units.LocaleFormat, decimals=2, width=width)


def lines(
    number: int,
    title: str,
    meaning: str,
    queries: Sequence[Query],
    unit: str,
    *,
    thresholds: dashboard.ThresholdsConfig | None = None,
    no_value: str = NO_VALUE,
    stacked: bool = False,
    size: tuple[int, int] = (12, 8),
) -> timeseries.Panel:
    """Courses over time; thresholds are drawn as dashed lines."""
    panel = described(timeseries.Panel(), number, title, meaning, unit, no_value, size)
    panel = panel.targets([over_time(_letter(place), query) for place, query in enumerate(queries)])
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL)).fill_opacity(30)
    if thresholds is not None:
        style = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        panel = panel.thresholds(thresholds).thresholds_style(style)
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    return panel.legend(legend.show_legend(True)).tooltip(
        common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    )


def bars(
    number: int,
    title: str,
    meaning: str,
    query: Query,
    unit: str,
    *,
    thresholds: dashboard.ThresholdsConfig | None = None,
    no_value: str = NO_VALUE,
    size: tuple[int, int] = (12, 8),
) -> bargauge.Panel:
    """A horizontal bar for each series, as of now."""
    panel = described(bargauge.Panel(), number, title, meaning, unit, no_value, size)
    return (
        panel.with_target(now("A", query))
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(thresholds or steps((None, BLUE)))
    )


def over_time(name: str, query: Query) -> Dataquery:
    """The query over the range of the dashboard."""
    return _query(name, query).range()


def now(name: str, query: Query, form: PromQueryFormat = PromQueryFormat.TIME_SERIES) -> Dataquery:
    """The query at the end of the range alone."""
    return _query(name, query).instant().format(form)


def option(name: str, value: object) -> DynamicConfigValue:
    """An option of a field, for an override."""
    return DynamicConfigValue(id_val=name, value=value)


def _big(panel: stat.Panel, thresholds: dashboard.ThresholdsConfig | None) -> stat.Panel:
    return (
        panel.color_mode(BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(thresholds or steps((None, BLUE)))
    )


def _query(name: str, query: Query) -> Dataquery:
    return Dataquery().ref_id(name).expr(query.expression).legend_format(query.legend).datasource(SOURCE)


def _letter(place: int) -> str:
    return chr(ord("A") + place)
