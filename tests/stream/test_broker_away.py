"""The broker goes away, before the start or later: nothing is lost, nothing twice, nobody has to help."""

import asyncio
import time

import pytest

from service.embedded import Broker
from service.embedded.ports import free_port
from tests.stream.application import Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import storm
from tests.stream.health import ready, told, until
from tests.stream.outcome import settled


async def until_told(worker: Worker, words: str, seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while words not in worker.text():
        assert time.monotonic() < limit, worker.text()
        await asyncio.sleep(0.1)


async def test_without_a_broker_the_worker_says_so_keeps_trying_and_still_stops_in_peace(
    applications: NewApplication,
) -> None:
    port = free_port()
    application = applications(bootstrap=f"127.0.0.1:{port}")
    worker = application.start()
    await until_told(worker, f"no broker answers at 127.0.0.1:{port}")
    await until_told(worker, "trying again in 2 s")
    code, seconds = worker.stop()
    assert (code, seconds < 10) == (0, True), worker.text()
    assert "Traceback" not in worker.text()


async def test_a_broker_that_comes_later_is_found(own_broker: Broker, applications: NewApplication) -> None:
    application = applications(bootstrap=own_broker.bootstrap)
    await application.create()
    application.send(storm(2_000, 11))
    await asyncio.to_thread(own_broker.stop)
    worker = application.start()
    await until_told(worker, "no broker answers")
    await asyncio.to_thread(own_broker.start)
    await settled(application)
    assert worker.stop()[0] == 0


@pytest.mark.timeout(400)
async def test_a_broker_killed_and_started_again_costs_nothing(
    own_broker: Broker, applications: NewApplication
) -> None:
    settings = {"patience": "2", "http_port": str(free_port())}
    application = applications(bootstrap=own_broker.bootstrap, settings=settings)
    await application.create()
    worker = application.supervised()
    sent = 0
    for round_, away in enumerate((0.0, 6.0, 25.0)):
        application.send(storm(10_000, 20 + round_))
        sent += 10_000
        await application.until(sent - 5_000)
        await asyncio.to_thread(own_broker.kill)
        killed = time.monotonic()
        if away > 5:
            await until(application, told("the broker has not answered for"), steady=False)
        await asyncio.sleep(killed + away - time.monotonic())
        await asyncio.to_thread(own_broker.start)
        await application.until(sent, 120)
        await until(application, ready, steady=False)
    found = await settled(application)
    assert worker.alive
    assert worker.stop()[0] == 0, worker.text()

    calm = applications(bootstrap=own_broker.bootstrap, sources=application.sources)
    await calm.create()
    calm.start()
    assert await settled(calm) == found
