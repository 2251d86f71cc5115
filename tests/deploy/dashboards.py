"""The exported dashboards, as their readers see them: panels, queries, variables."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from deploy.dashboards.export import EXPORTED

Document = dict[str, Any]

FILES = sorted(EXPORTED.glob("*.json"))
DASHBOARDS: dict[str, Document] = {path.stem: json.loads(path.read_text()) for path in FILES}


class Asked(NamedTuple):
    """A query of a panel, with its place."""

    dashboard: str
    panel: str
    name: str
    expression: str


def panels(dashboard: Document) -> list[Document]:
    """The panels, headings left out."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Asked]:
    """Every query of every panel."""
    for uid, dashboard in DASHBOARDS.items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield Asked(uid, panel["title"], target["refId"], target["expr"])


def chosen(expression: str, **choices: str) -> str:
    """The expression with its variables replaced, as Grafana does."""
    for variable, value in choices.items():
        expression = expression.replace(f"${variable}", value)
    return expression
