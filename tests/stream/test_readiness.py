"""Health tells the truth: each thing that can be amiss is made to happen, and is told while it lasts."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from service.embedded import Broker
from service.embedded.ports import free_port
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import order
from tests.stream.outcome import settled_view

SCRIPT = str(Path(__file__).with_name("hindered_worker.py"))
SUPERVISED = [sys.executable, "-m", "service.cli", "worker"]
HINDERED = [sys.executable, SCRIPT]
ORDERS = 40
Health = tuple[int, list[str]]  # status and reasons


def start(application: Application, command: list[str]) -> Worker:
    """A worker with little patience, on a port that stays the same when it is started again."""
    port = str(free_port())
    application.settings |= {"patience": "2", "http_port": port}
    environment = {**application.environment, "TEST_HINDRANCES": str(application.folder)}
    worker = Worker(environment, application.folder / f"{application.name}.log", command)
    application.workers.append(worker)
    return worker


async def ask(application: Application, path: str, seconds: float = 10) -> Health:
    """What one path answers; 0 when nothing does in time."""
    address = f"http://127.0.0.1:{application.settings['http_port']}{path}"
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as client, client.get(address) as answer:
            return answer.status, (await answer.json()).get("reasons", [])
    except (aiohttp.ClientError, TimeoutError):
        return 0, []


async def until(application: Application, fits: Callable[[Health], bool], seconds: float = 90) -> Health:
    """Until /readyz answers as wanted; /livez must say 200 all along, once it does."""
    limit, alive = time.monotonic() + seconds, False
    while not fits(found := await ask(application, "/readyz")):
        assert time.monotonic() < limit, (found, application.told())
        if alive:
            assert await ask(application, "/livez") == (200, [])
        alive = alive or found[0] != 0
        await asyncio.sleep(0.1)
    return found


def ready(found: Health) -> bool:
    return found == (200, [])


def told(words: str) -> Callable[[Health], bool]:
    return lambda found: found[0] == 503 and any(words in reason for reason in found[1])


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
        start(application, HINDERED)
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


async def test_a_broker_that_is_away_for_longer_than_the_setting_is_told_until_it_is_back(
    own_broker: Broker, applications: NewApplication
) -> None:
    application = applications(bootstrap=own_broker.bootstrap, partitions=2)
    await application.create()
    worker = start(application, SUPERVISED)
    await until(application, ready)
    await asyncio.to_thread(own_broker.kill)
    await until(application, told("the broker has not answered for"))
    await asyncio.to_thread(own_broker.start)
    await until(application, ready)
    assert worker.stop()[0] == 0
