"""The dashboards as the files that Grafana is provisioned with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.dashboards.churn import churn
from deploy.dashboards.operations import operations
from deploy.dashboards.retention_now import retention_now
from deploy.dashboards.value import value

EXPORTED: Final = Path(__file__).parents[1] / "grafana" / "dashboards"
"""Where the files live in the repository."""

DASHBOARDS: Final = (retention_now, churn, value, operations)


def files() -> Mapping[str, str]:
    """File name -> content of every dashboard: the same code gives the same bytes."""
    built = [dashboard().build() for dashboard in DASHBOARDS]
    return {f"{found.uid}.json": _text(found) for found in built}


def differing(folder: Path = EXPORTED) -> list[str]:
    """The names of files that are not what the code says, are missing or are too many."""
    expected = files()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def write(folder: Path = EXPORTED) -> list[Path]:
    """Write every file, and take away what no code makes any more; what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        path.unlink()
    written = []
    for name, content in files().items():
        (folder / name).write_text(content, encoding="utf-8")
        written.append(folder / name)
    return written


def _text(dashboard: object) -> str:
    return json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
