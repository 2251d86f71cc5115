"""A record on which the worker itself crashes: twice, then it is a dead letter, and the partition goes on."""

import asyncio
import sys
from pathlib import Path

from service.stream import head
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import order
from tests.stream.outcome import settled

SCRIPT = str(Path(__file__).with_name("poisoned_worker.py"))


def poisoned(application: Application, event_id: str) -> Worker:
    environment = {**application.environment, "TEST_POISON": event_id}
    log = application.folder / f"poisoned-{len(application.workers)}.log"
    worker = Worker(environment, log, [sys.executable, SCRIPT])
    application.workers.append(worker)
    return worker


async def test_a_record_that_crashes_a_worker_twice_goes_to_the_dead_letters(
    applications: NewApplication,
) -> None:
    application = applications()
    await application.create()
    application.send(order(f"c-{i % 50}", i, i / 100) for i in range(3_000))

    for times in (1, 2):
        worker = poisoned(application, "o-1234")
        assert await asyncio.to_thread(worker.process.wait, 40) == 75, worker.text()
        assert f"for the {times}. time (ZeroDivisionError" in worker.text()
        marks = [
            m
            for (_, key), v in (await application.last_rows()).items()
            if key == head.KEY and v
            for m in head.unpack(v).crashes
        ]
        assert [mark.times for mark in marks] == [times]

    worker = poisoned(application, "o-1234")
    found = await settled(application)
    assert "goes to the dead letters" in worker.text()
    assert [reason for _, reason in found.letters] == [b"internal"]
    orders = [f.value for f in found.view.figures if f.name == "subpulse_realized_ltv_gcount"]
    assert orders == [50]
    assert worker.stop()[0] == 0

    other = applications(sources=application.sources)  # what the figures are without that record
    await other.create()
    poisoned(other, "no such event")
    with_it = await settled(other)
    assert with_it.positions == found.positions
    places = with_it.records.keys() | found.records.keys()
    differing = {place[1] for place in places if found.records.get(place) != with_it.records.get(place)}
    assert differing
    assert all(key.endswith(b"c-34") for key in differing)  # 1234 % 50: nobody else lost anything


async def test_two_poisonous_records_of_one_partition_do_not_forget_each_other(
    applications: NewApplication,
) -> None:
    application = applications(partitions=1)
    await application.create()
    application.send(order("c", i, i / 100) for i in range(10))
    codes = []
    for event_id in ("o-3", "o-7", "o-3", "o-7"):
        worker = poisoned(application, event_id)
        codes.append(await asyncio.to_thread(worker.process.wait, 40))
    assert codes == [75] * 4
    poisoned(application, "o-3")
    found = await settled(application)
    assert sorted(found.letters)[0][1] == b"internal"
    assert len(found.letters) == 2
