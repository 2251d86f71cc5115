"""From an event to the pager, with everything real: broker, two workers, Prometheus, Alertmanager.

The shipped configuration, in a hurry (deploy/hurry.py). A simulated business lives in event time, some days a
second, in the past: so windows, baselines and thresholds are those of production. What happens is told with
`--log-cli-level INFO`.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest
import yaml

from deploy import hurry
from schemas.instants import DAY
from service.demo.reading import fetch
from service.embedded import Broker
from service.embedded.ports import LOOPBACK, free_port
from service.simulation import Established
from service.simulation.scenarios import Concern, Scenario
from service.simulation.scenarios.model import Leaving
from tests.deploy.alertmanager import Alertmanager, Webhook
from tests.deploy.prometheus import Prometheus
from tests.deploy.watched import publish
from tests.stream.application import Application, Worker

log = logging.getLogger(__name__)

T = TypeVar("T")
TIMES = 2_000
PATIENCE = 120.0
HOUR = 1 / 24
BEGAN = 'ALERTS_FOR_STATE{alertname="SubpulseChurnSpike"}'
QUIET = 6 * 3_600  # seconds; at night there may be no event for hours
SPIKE = Scenario(
    summary="Six times as many customers as usual leave, for four days.",
    business=Concern(paying=2_000),
    changes=(Leaving(kind="leaving", times=6, from_day=2, days=4),),
)


class Life:
    """A business whose time passes when it is told to."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._day_zero = (time.time_ns() // 1_000 // DAY - 60) * DAY
        self._business = Established(5, self._day_zero, SPIKE)
        self.day = 0.0

    def goes_on_to(self, day: float) -> None:
        """Publish everything up to a day."""
        self.day = day
        publish(self._application, self._business.until(self.now))

    @property
    def now(self) -> int:
        """Microseconds since the epoch."""
        return self._day_zero + int(self.day * DAY)


class Stage:
    """Everything that takes part, and questions to it."""

    def __init__(self, life: Life, application: Application, webhook: Webhook) -> None:
        self.life, self.webhook, self.workers = life, webhook, dict[str, Worker]()
        self._application = application
        self.prometheus: Prometheus

    def tells(self, what: str) -> None:
        """Log it, with the day of the business and the calls of the webhook so far."""
        calls = ", ".join(f"{call.receiver}: {' '.join(call.alerts)}" for call in self.webhook.notifications)
        log.info("day %.2f: %s; calls so far: %s", self.life.day, what, calls or "none")

    def has(self, expression: str) -> bool:
        """Whether Prometheus has a series for it now."""
        return bool(self.prometheus.query(expression))

    def speaker(self) -> str | None:
        """HOST:PORT of the worker that exports the figures of the business, as Prometheus sees it."""
        found = self.prometheus.query("subpulse_as_of_timestamp_seconds")
        return found[0].labels["instance"] if found else None

    def until(self, met: Callable[[], T], hours_a_second: float = 0) -> T:
        """Let the business go on until something has come about, and say what."""
        limit = time.monotonic() + PATIENCE
        while not (found := met()):
            assert time.monotonic() < limit, f"{self._application.told()}\n{self.webhook.notifications}"
            if hours_a_second:
                self.life.goes_on_to(self.life.day + hours_a_second * HOUR)
            time.sleep(1)
        return found

    def complete(self) -> bool:
        """Whether a worker has figures of everything that has happened so far."""
        readings = filter(None, (fetch(f"http://{address}") for address in self.workers))
        last = self.life.now / 1e6 - QUIET
        return any(reading.is_complete_since(last) for reading in readings)


@pytest.fixture
def stage(broker: Broker, tmp_path: Path) -> Iterator[Stage]:
    """Two workers with a year of history, and what watches them."""
    ports = [free_port(), free_port()]
    application = Application(broker.bootstrap, tmp_path)
    asyncio.run(application.create())
    with ExitStack() as running:
        running.callback(application.end)
        webhook = running.enter_context(Webhook())
        made = Stage(Life(application), application, webhook)
        made.life.goes_on_to(0)
        made.workers = {f"{LOOPBACK}:{port}": application.start(http_port=str(port)) for port in ports}
        made.until(made.complete)
        configure(tmp_path, ports, webhook)
        alertmanager = running.enter_context(Alertmanager(tmp_path / "alertmanager"))
        tell(tmp_path / "prometheus/targets/alertmanagers.yml", alertmanager.address)
        configuration = yaml.safe_load((tmp_path / "prometheus/prometheus.yml").read_text())
        made.prometheus = running.enter_context(Prometheus(tmp_path / "prometheus", configuration))
        yield made


def configure(folder: Path, ports: list[int], webhook: Webhook) -> None:
    """The shipped configuration, in a hurry, with the addresses of this stage."""
    hurry.write(folder, TIMES)
    tell(folder / "prometheus/targets/workers.yml", *(f"{LOOPBACK}:{port}" for port in ports))
    file = folder / "alertmanager/alertmanager.yml"
    shipped = file.read_text()
    assert shipped.count("127.0.0.1:9099") == 2
    file.write_text(shipped.replace("127.0.0.1:9099", webhook.place))


def tell(file: Path, *addresses: str) -> None:
    """Write targets for Prometheus."""
    file.write_text(yaml.safe_dump([{"targets": [address.removeprefix("http://") for address in addresses]}]))


@pytest.mark.timeout(600)  # beside other work a machine needs more than the usual five minutes
def test_a_churn_spike_is_one_page_and_a_worker_killed_meanwhile_is_none(stage: Stage) -> None:
    stage.life.goes_on_to(1.9)
    stage.until(stage.complete)
    stage.until(lambda: stage.has("business:subpulse_view:trusted"))
    assert not stage.has('ALERTS{severity="critical", alertstate="firing"}')
    stage.tells("all is quiet, and figures can be relied upon")

    stage.life.goes_on_to(4)
    stage.until(lambda: stage.has('ALERTS{alertname="SubpulseChurnSpike", alertstate="pending"}'))
    stage.tells("two days of a churn spike, and the alert is pending")
    fallen = stage.until(stage.speaker)
    assert fallen is not None
    began = stage.prometheus.query(BEGAN)
    stage.workers[fallen].kill()
    stage.tells(f"the worker that speaks, {fallen}, is killed")
    stage.until(lambda: stage.webhook.of("pages"), hours_a_second=1)
    assert stage.prometheus.query(BEGAN) == began  # the wait did not begin anew
    stage.tells("the pager rings, and the wait did not begin anew")
    stage.until(lambda: stage.speaker() not in (None, fallen))
    stage.tells("the other worker speaks")

    stage.life.goes_on_to(16)
    stage.until(lambda: len(stage.webhook.of("pages")) > 1)
    stage.tells("the spike is over, and the page too")
    assert [(page.status, page.alerts) for page in stage.webhook.of("pages")] == [
        ("firing", ("firing SubpulseChurnSpike",)),
        ("resolved", ("resolved SubpulseChurnSpike",)),
    ]
