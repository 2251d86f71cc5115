"""A business that is being watched: simulated events, a real worker, a real Prometheus that scrapes it."""

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import hurry
from service.embedded import Broker
from service.embedded.ports import LOOPBACK, free_port
from service.settings import Settings
from service.simulation import business
from service.simulation.world import Event
from service.stream.connection import client_options
from service.telling.publishing import Publisher
from service.telling.sending import send
from tests.deploy.prometheus import Prometheus, scraping
from tests.stream.application import Application
from tests.stream.events import BAD, Sent

JOB = "subpulse"
TIMES = 100_000  # as fast: some rules look back for days
PATIENCE = 120.0
START = 1_700_000_000_000_000
TO_COME = 200  # events of the last days


class Watched:
    """`prometheus` answers; `go_on` lets the business live on for a moment."""

    def __init__(self, prometheus: Prometheus, application: Application, to_come: Iterable[Event]) -> None:
        self.prometheus = prometheus
        self._application, self._to_come = application, iter(to_come)

    def go_on(self) -> None:
        """Send some events that are due, the first of them twice, and a record that is none."""
        due = list(itertools.islice(self._to_come, 20))
        publish(self._application, [*due, *due[:1]])
        self._application.send([Sent("orders", b"nobody", BAD[0])])

    def until_complete(self) -> None:
        """Until Prometheus has figures that rest on all there is."""
        limit = time.monotonic() + PATIENCE
        while not [found for found in self.prometheus.query("subpulse_view_complete") if found.value == 1]:
            assert time.monotonic() < limit, self._application.told()
            time.sleep(0.2)


@contextmanager
def watched_business(broker: Broker, folder: Path) -> Iterator[Watched]:
    """Two years of some 800 customers, always the same, the last events of which are still to come."""
    port, application = free_port(), Application(broker.bootstrap, folder)
    asyncio.run(application.create())
    story = list(business(seed=7, start=START, days=730, customers=800))
    publish(application, story[:-TO_COME])
    application.start(http_port=str(port), magnet_skus="16")
    try:
        hurry.write(folder, TIMES)
        rules = f"{folder}/prometheus/rules/*.yml"
        configuration = scraping(JOB, [f"{LOOPBACK}:{port}"], rules=rules)
        with Prometheus(folder / "data", configuration) as prometheus:
            watched = Watched(prometheus, application, story[-TO_COME:])
            watched.until_complete()
            yield watched
    finally:
        application.end()


def publish(application: Application, events: Iterable[Event]) -> None:
    """Send simulated events to the topics of the application."""

    async def all_of_them() -> None:
        settings = Settings(brokers=application.bootstrap)
        async with Publisher(client_options(settings)) as publisher:
            await send(publisher, application.sources, events)

    asyncio.run(all_of_them())
