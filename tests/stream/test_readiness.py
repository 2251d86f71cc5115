"""Health tells the truth: each thing that can be amiss is made to happen, and is told while it lasts."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from service.embedded.ports import free_port
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import order
from tests.stream.health import ask, ready, told, until
from tests.stream.outcome import settled_view

SCRIPT = str(Path(__file__).with_name("hindered_worker.py"))
ORDERS = 40


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


async def customers(application: Application) -> Any:
    view = await settled_view(application)
    return [f.value for f in view.figures if f.name == "subpulse_realized_ltv_gcount"]


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
    assert await customers(application) == [2 * ORDERS]

    with hindrance(application, "refresh"):
        application.send(order(f"later-{number}", number, number) for number in range(ORDERS))
        await until(application, told("the figures cannot be computed (ZeroDivisionError"))
        await application.caught_up()  # events are counted all the same
    await until(application, ready)
    assert await customers(application) == [3 * ORDERS]  # no half of the failed ones has stayed

    with hindrance(application, "loop"):
        await asyncio.sleep(0.5)
        assert await ask(application, "/livez", seconds=2) == (0, [])
    assert await ask(application, "/livez", seconds=30) == (200, [])
    assert application.workers[0].stop()[0] == 0
