"""A real Prometheus for a test: starts on a free loopback port, answers PromQL, leaves nothing running."""

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from service.embedded.ports import LOOPBACK, free_port
from service.leash import leashed
from tests.deploy.programs import program

READY_SECONDS = 60


class Sample(NamedTuple):
    """One series at one instant."""

    labels: dict[str, str]
    value: float


class Prometheus:
    """`with Prometheus(folder, configuration) as prometheus`; the configuration as in prometheus.yml."""

    def __init__(self, folder: Path, configuration: Mapping[str, Any], *flags: str) -> None:
        self.address = f"http://{LOOPBACK}:{free_port()}"
        self._folder, self._configuration, self._flags = folder, configuration, flags

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        configured = self._folder / "prometheus.yml"
        configured.write_text(yaml.safe_dump(dict(self._configuration)))
        command = [
            program("prometheus"),
            f"--config.file={configured}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address={self.address.removeprefix('http://')}",
            *self._flags,
        ]
        self.log = self._folder / "prometheus.log"
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(leashed(command), stdout=output, stderr=output)
        self._until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

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

    def _until_ready(self) -> None:
        limit = time.monotonic() + READY_SECONDS
        while time.monotonic() < limit:
            assert self._process.poll() is None, self.log.read_text()
            try:
                with urlopen(f"{self.address}/-/ready", timeout=2):
                    return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())


def scraping(job: str, targets: list[str], every: str = "1s", rules: str = "") -> dict[str, Any]:
    """A configuration: scrape these workers (HOST:PORT) as one job, evaluate the rules of a glob."""
    job_of_workers = {"job_name": job, "static_configs": [{"targets": targets}]}
    return {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [rules] if rules else [],
        "scrape_configs": [job_of_workers],
    }
