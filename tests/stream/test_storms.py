"""Whatever is done to the workers, figures and records are those of a run that nobody disturbed."""

import asyncio
import os
import random
import threading
from collections.abc import Awaitable, Callable

import pytest

from tests.stream.application import Application
from tests.stream.conftest import NewApplication
from tests.stream.events import storm
from tests.stream.outcome import Outcome, settled

EVENTS = int(os.environ.get("SUBPULSE_STORM_EVENTS", "200000"))
SEED = 20_261_124
SESSION = 6.0  # seconds, see Application.environment

Storm = Callable[[Application], Awaitable[None]]


@pytest.fixture
async def stormy(applications: NewApplication) -> Application:
    """An application whose first half of events is there; the rest arrives meanwhile."""
    application = applications()
    await application.create()
    return application


async def undisturbed(stormy: Application, applications: NewApplication) -> Outcome:
    """The outcome of another application on the same sources, with one worker left in peace."""
    calm = applications(sources=stormy.sources)
    await calm.create()
    worker = calm.start()
    outcome = await settled(calm)
    assert worker.stop()[0] == 0
    return outcome


async def through(stormy: Application, storm_of: Storm, events: int) -> Outcome:
    """The outcome when `storm_of` rages while the second half of the events is being sent."""
    records = list(storm(events, SEED))
    half = len(records) // 2
    stormy.send(records[:half])
    rest = threading.Thread(target=stormy.send, args=(records[half:],))
    rest.start()
    await storm_of(stormy)
    await asyncio.to_thread(rest.join)
    for worker in [w for w in stormy.workers if not w.alive][:1]:
        assert worker.process.returncode != 78, worker.text()
    if not any(worker.alive for worker in stormy.workers):
        stormy.start()
    return await settled(stormy, 120)


def assert_same(found: Outcome, expected: Outcome) -> None:
    assert found.positions == expected.positions
    assert found.letters == expected.letters
    differing = [k for k in expected.records if found.records.get(k) != expected.records[k]]
    assert not differing, (
        f"{len(differing)} of {len(expected.records)} records differ, such as {differing[:3]}"
    )
    assert found.records.keys() == expected.records.keys()
    assert found.view == expected.view


async def test_five_times_kill_9_in_the_middle_changes_nothing(
    stormy: Application, applications: NewApplication
) -> None:
    async def storm_of(application: Application) -> None:
        rnd = random.Random(SEED)
        for _ in range(5):
            worker = application.start(instance_id="one")
            before = await application.progress()
            await application.until(before + 1)
            await asyncio.sleep(rnd.uniform(0.1, 1.0))
            worker.kill()

    found = await through(stormy, storm_of, EVENTS)
    assert len(stormy.workers) == 6
    assert_same(found, await undisturbed(stormy, applications))


async def test_two_workers_joining_and_leaving_change_nothing(
    stormy: Application, applications: NewApplication
) -> None:
    async def storm_of(application: Application) -> None:
        first = application.start()
        await application.until(1)
        second = application.start()
        await asyncio.sleep(5)
        assert first.stop()[0] == 0
        third = application.start()
        await asyncio.sleep(5)
        assert second.stop()[0] == 0
        assert third.alive, third.text()

    found = await through(stormy, storm_of, EVENTS // 4)
    assert_same(found, await undisturbed(stormy, applications))


async def test_a_worker_frozen_for_longer_than_its_session_and_woken_changes_nothing(
    stormy: Application, applications: NewApplication
) -> None:
    async def storm_of(application: Application) -> None:
        frozen = application.start()
        other = application.start()
        await application.until(1_000)
        await asyncio.sleep(2)
        frozen.freeze()
        await asyncio.sleep(2 * SESSION)
        frozen.thaw()
        await asyncio.sleep(3)
        assert other.alive, other.text()
        assert frozen.process.poll() in (None, 75), frozen.text()

    found = await through(stormy, storm_of, EVENTS // 4)
    assert_same(found, await undisturbed(stormy, applications))
