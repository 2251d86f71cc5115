"""Predicted value told by real workers on a real broker: fitted by one, the same of all, whatever happens."""

import asyncio
import json
import time
from datetime import date

import aiohttp

from service.domain.metrics import Definitions
from service.domain.metrics.predicted import METRICS
from service.replay import MAX, Line, replay
from tests.oracle.agreement import as_figures
from tests.oracle.labels import Figures
from tests.oracle.test_predicted import purchases
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent

NAMES = {f"subpulse_{metric.name}" for metric in METRICS}


def predicted(figures: Figures) -> Figures:
    return {key: value for key, value in figures.items() if key[0] in NAMES}


def replayed(events: list[Sent]) -> Figures:
    lines = [Line("f", number, event.value or b"") for number, event in enumerate(events)]
    return predicted(as_figures(replay(lines, Definitions(), MAX, time.time_ns() // 1_000).view.figures))


async def told(worker: Worker) -> tuple[Figures, float]:
    """What a worker predicts, and how often it has fitted a model itself."""
    async with aiohttp.ClientSession(worker.address) as client, client.get("/metrics") as answer:
        lines = [line.split() for line in (await answer.text()).splitlines()]
    fits = [float(line[1]) for line in lines if line[0].startswith("subpulse_prediction_fits_total")]
    return predicted(await worker.figures()), sum(fits)


async def until_all_predict(application: Application, workers: list[Worker], expected: Figures) -> float:
    """Until each of the workers predicts just that; how often all of them together have fitted a model."""
    limit = time.monotonic() + 60
    while True:
        found = [await told(worker) for worker in workers]
        if all(figures == expected for figures, _ in found):
            return sum(fits for _, fits in found)
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.5)


async def test_one_worker_fits_and_all_predict_the_same_also_after_each_has_been_killed(
    applications: NewApplication,
) -> None:
    application = applications(partitions=2)
    await application.create()
    story = list(purchases(date(1997, 9, 30)))
    events = [Sent("orders", event["customer_id"].encode(), json.dumps(event).encode()) for event in story]
    application.send(events)
    expected = replayed(events)
    first, second = application.start(), application.start()
    assert await until_all_predict(application, [first, second], expected) == 2  # BG/NBD, Gamma-Gamma
    third = application.start()
    first.kill()
    second.kill()
    assert await until_all_predict(application, [third], expected) == 0
