"""What all dashboards share: the choices at the top, the links between them, where samples come from."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import TimeZoneBrowser
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    Panel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.dashboards.panels import RED, SOURCE
from deploy.dashboards.queries import selector

Part: TypeAlias = Row | Builder[Panel]
TAG: Final = "subpulse"


def frame(uid: str, title: str, meaning: str, since: str = "now-30d") -> Dashboard:
    """An empty dashboard with the data source and the job to choose from."""
    others = DashboardLink("subpulse").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return (
        Dashboard(title)
        .uid(uid)
        .description(meaning)
        .tags([TAG])
        .readonly()
        .timezone(TimeZoneBrowser)
        .time(since, "now")
        .refresh("30s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .annotation(_firing())
        .link(others.include_vars(True).keep_time(True))
        .with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_choice("job", "Job", "label_values(subpulse_build_info, job)"))
    )


def with_window(dashboard: Dashboard) -> Dashboard:
    """The choice of a window; 30 days to begin with."""
    begin = VariableOption(selected=True, text="30d", value="30d")
    query = f"label_values({selector('window_covered')}, window)"
    return dashboard.with_variable(_choice("window", "Window", query).current(begin))


def with_currency(dashboard: Dashboard) -> Dashboard:
    """The choice of a currency; amounts of different currencies are never added."""
    return dashboard.with_variable(
        _choice("currency", "Currency", f"label_values({selector('mrr')}, currency)")
    )


def filled(dashboard: Dashboard, content: Iterable[Part]) -> Dashboard:
    """The dashboard with its panels, from left to right and from top to bottom, and its headings."""
    for part in content:
        dashboard = dashboard.with_row(part) if isinstance(part, Row) else dashboard.with_panel(part)
    return dashboard


def _firing() -> AnnotationQuery:
    """A mark wherever an alert of the job fired, or one without a job: there are no figures at all."""
    firing = 'ALERTS{alertname=~"Subpulse.+", alertstate="firing", job=~"$job|"}'
    return AnnotationQuery().name("Alerts").datasource(SOURCE).enable(True).icon_color(RED).expr(firing)


def _choice(name: str, label: str, query: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .query(query)
        .datasource(SOURCE)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )
