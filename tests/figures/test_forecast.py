"""The forecast of a worker: what it fits, when, and what it says of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta

import pytest

from service.domain.metrics import Summary, fit, view
from service.domain.metrics.fits import Models
from service.domain.records.customer import EVER
from service.figures.forecast import Forecast
from service.now import now_micros
from service.replay import Line, replay
from service.stream.telemetry import Telemetry
from tests.oracle.agreement import summary_of_the_domain
from tests.oracle.instants import instant
from tests.oracle.telling import event
from tests.oracle.test_predicted import DEFINITIONS, purchases

AS_OF = instant("1997-10-01T09:00:00Z")
EVENTS = list(purchases(date(1997, 9, 30)))


@pytest.fixture(scope="module")
def business() -> Summary:
    return summary_of_the_domain(EVENTS, AS_OF, DEFINITIONS, partitions=5)


@pytest.fixture(scope="module")
def faithful() -> Summary:
    """A business in which nobody ever stops buying, so that no likelihood has a maximum."""
    days = [date(1997, 1, 1) + timedelta(days=day) for day in range(0, 270, 30)]
    money = {"minor": 500, "currency": "USD"}
    orders = [
        event("order.placed", f"{day}T08:00:00Z", f"c{n}", order_id=f"o{day}", amount=money)
        for n in range(40)
        for day in days
    ]
    return summary_of_the_domain(orders, AS_OF, DEFINITIONS)


@asynccontextmanager
async def running(interval: float) -> AsyncIterator[tuple[Forecast, Telemetry]]:
    telemetry = Telemetry.of(())
    with ThreadPoolExecutor(1) as thread:
        forecast = Forecast(DEFINITIONS, interval, thread, telemetry)
        task = asyncio.create_task(forecast.run())
        yield forecast, telemetry
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def fits(telemetry: Telemetry, number: int) -> None:
    while telemetry.prediction.count < number:
        await asyncio.sleep(0.01)


async def test_a_worker_predicts_what_a_replay_of_the_same_events_does(business: Summary) -> None:
    async with running(3_600) as (forecast, telemetry):
        assert forecast.renewed(Models(), business) == Models()
        await asyncio.wait_for(fits(telemetry, 1), 60)
        found = forecast.renewed(Models(), business)
        lines = [Line("f", n, json.dumps(event).encode()) for n, event in enumerate(EVENTS)]
        replayed = replay(lines, DEFINITIONS, AS_OF, AS_OF)
        assert view(business, DEFINITIONS, found.fits) == replayed.view
        assert telemetry.fits == {("bg_nbd", "fitted"): 1, ("gamma_gamma", "fitted"): 1}


async def test_it_fits_once_an_interval_and_to_the_newest_sums(business: Summary) -> None:
    later = Summary(AS_OF + 1, business.tally)
    async with running(3_600) as (forecast, telemetry):
        forecast.renewed(Models(), business)
        await asyncio.wait_for(fits(telemetry, 1), 60)
        young = forecast.renewed(Models(), later)
        await asyncio.sleep(0.2)
        assert telemetry.prediction.count == 1
        assert {fit.as_of for fit in young.fits.values()} == {AS_OF}
    async with running(0.2) as (forecast, telemetry):
        assert forecast.renewed(young, later) == young
        await asyncio.wait_for(fits(telemetry, 1), 60)
        found = forecast.renewed(young, later)
        assert {fit.as_of for fit in found.fits.values()} == {AS_OF + 1}


async def test_what_another_worker_has_told_since_is_newer_than_what_was_found(business: Summary) -> None:
    async with running(3_600) as (forecast, telemetry):
        forecast.renewed(Models(), business)
        await asyncio.wait_for(fits(telemetry, 1), 60)
        told = Models(now_micros(), {})
        assert forecast.renewed(told, business) == told


async def test_a_fit_that_fails_is_said_and_the_former_parameters_stay(
    business: Summary, faithful: Summary, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(0.01) as (forecast, telemetry):
        forecast.renewed(Models(), faithful)
        await asyncio.wait_for(fits(telemetry, 1), 60)
        assert "there is no prediction by it" in caplog.text
    told = Models(EVER, dict(fit(business, DEFINITIONS)[0]))  # by another worker, or before a restart
    async with running(0.01) as (forecast, telemetry):
        forecast.renewed(told, faithful)
        await asyncio.wait_for(fits(telemetry, 1), 60)
        assert "its former parameters stay in force" in caplog.text
        found = forecast.renewed(told, faithful)
        assert (found.made_at > told.made_at, found.fits) == (True, told.fits)
        assert telemetry.fits["bg_nbd", "failed"] == 1
