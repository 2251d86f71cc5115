"""Health tells the truth: each thing that can be amiss is made to happen, and is told while it lasts."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.embedded.ports import free_port
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import order
from tests.stream.health import ask, ready, told, until
from tests.stream.outcome import settled_view

SCRIPT = str(Path(__file__).with_name("hindered_worker.py"))
ORDERS = 40  # of 10 EUR


def start(application: Application) -> Worker:
    """A worker that can be hindered, and has little patience."""
    application.settings |= {"patience": "2", "http_port": str(free_port())}
    environment = {**application.environment, "TEST_HINDRANCES": str(application.folder)}
    worker = Worker(environment, application.folder / f"{application.name}.log", [sys.executable, SCRIPT])
    application.workers.append(worker)
    return worker


@contextmanager
def hindrance(application: Application, how: str) -> Iterator[None]:
    place: Path = application.folder / how
    place.touch()
    try:
        yield
    finally:
        place.unlink()


@pytest.fixture
async def application(applications: NewApplication) -> Application:
    made: Application = applications(partitions=2)
    await made.create()
    made.send(order(f"c-{number}", number, number) for number in range(ORDERS))
    return made


async def until_brought(application: Application, customers: int, euros: int, seconds: float = 30) -> None:
    """Until the figures say that so many customers have brought so much; ready comes a moment earlier."""
    limit, found = time.monotonic() + seconds, {}
    while found != {"gcount": customers, "gsum": euros}:
        assert time.monotonic() < limit, found
        figures = (await settled_view(application)).figures
        named = {f.name.rpartition("_")[2]: f.value for f in figures if "realized_ltv_g" in f.name}
        found = {name: float(value or 0) for name, value in named.items()}


async def test_what_is_amiss_inside_a_worker_is_told_while_it_lasts(application: Application) -> None:
    with hindrance(application, "recovery"):
        start(application)
        await until(application, told("the state of the assigned partitions is not there yet: recovering"))
    await until(application, ready)

    with hindrance(application, "fetch"):
        await asyncio.sleep(0.5)  # what was being fetched arrives
        application.send(order(f"late-{number}", number, number) for number in range(ORDERS))
        await until(application, told("while records wait"))
    await until(application, ready)
    await until_brought(application, 2 * ORDERS, 20 * ORDERS)

    with hindrance(application, "refresh"):
        application.send(order(f"c-{number}", ORDERS + number, number) for number in range(ORDERS))
        await until(application, told("the figures cannot be computed (ZeroDivisionError"))
        await application.caught_up()  # events are counted all the same
    await until(application, ready)
    await until_brought(application, 2 * ORDERS, 30 * ORDERS)  # nothing half, and nothing twice

    with hindrance(application, "loop"):
        await asyncio.sleep(0.5)
        assert await ask(application, "/livez", seconds=2) == (0, [])
    assert await ask(application, "/livez", seconds=30) == (200, [])
    assert application.workers[0].stop()[0] == 0
