"""A real Prometheus for a test: answers PromQL, leaves nothing running."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from tests.deploy.server import Server


class Sample(NamedTuple):
    """One series at one instant."""

    labels: dict[str, str]
    value: float


class Prometheus(Server):
    """`with Prometheus(folder, configuration) as prometheus`; the configuration as in prometheus.yml."""

    def __init__(self, folder: Path, configuration: Mapping[str, Any], *flags: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        configured = folder / "prometheus.yml"
        configured.write_text(yaml.safe_dump(dict(configuration)))
        storage = f"--storage.tsdb.path={folder / 'data'}"
        super().__init__("prometheus", folder, f"--config.file={configured}", storage, *flags)

    def query(self, expression: str, at: float | None = None) -> list[Sample]:
        """The series of an instant query, now or at that Unix time."""
        instant = {} if at is None else {"time": str(at)}
        found = self.ask("query", query=expression, **instant)["result"]
        return [Sample(row["metric"], float(row["value"][1])) for row in found]

    def ask(self, what: str, **parameters: str) -> Any:
        """The data of an answer of the HTTP API (v1)."""
        try:
            with urlopen(f"{self.address}/api/v1/{what}?{urlencode(parameters)}", timeout=20) as answer:
                return json.load(answer)["data"]
        except HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None


def scraping(job: str, targets: list[str], every: str = "1s", rules: str = "") -> dict[str, Any]:
    """A configuration: scrape these workers (HOST:PORT) as one job, evaluate the rules of a glob."""
    job_of_workers = {"job_name": job, "static_configs": [{"targets": targets}]}
    return {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [rules] if rules else [],
        "scrape_configs": [job_of_workers],
    }
