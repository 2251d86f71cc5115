"""What retention takes away before it was counted is missed, and said."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from service.stream.endings import PERSON_NEEDED
from tests.oracle.telling import event
from tests.stream.application import Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent, order
from tests.stream.holder import EndedError, Holder, ends_raise
from tests.stream.outcome import until_applied


async def test_records_that_retention_removed_unread_end_with_78_unless_told_to_go_on(
    applications: NewApplication,
) -> None:
    application = applications(partitions=1)
    await application.create()
    application.send(order(f"c-{n}", n, 1) for n in range(50))
    application.remove(10)  # before anybody came: there is nothing to be missed
    worker = application.start()
    await application.caught_up()
    assert worker.stop()[0] == 0
    application.send(order(f"c-{n}", n, 1) for n in range(50, 100))
    application.remove(80)
    code, text = await application.ended()
    assert code == 78
    assert f"removed records before they were counted: 30 of {application.sources['orders']}-0" in text
    assert "missing_records=continue" in text
    assert "Traceback" not in text

    worker = application.start(missing_records="continue")
    await until_applied(application, 100)
    rows = await application.last_rows()
    assert {key for _, key in rows if key} == {b"cc-%d" % n for n in (*range(10, 50), *range(80, 100))}
    assert worker.stop()[0] == 0


async def test_records_that_go_while_a_worker_reads_end_it_and_the_next_one_says_what_is_missing(
    applications: NewApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = applications(partitions=1, settings={"session_timeout": "30"})
    await application.create()
    (tmp_path / "fetch").touch()
    environment = {**application.environment, "TEST_HINDRANCES": str(tmp_path)}
    command = [sys.executable, "-m", "tests.stream.hindered_worker"]
    worker = Worker(environment, tmp_path / "hindered.log", command)
    application.workers.append(worker)
    while "took partitions" not in worker.text():
        await asyncio.sleep(0.1)
    note = "x" * 5_000
    large = [order(f"c-{n}", n, 1) for n in range(2_000)]
    application.send(
        s._replace(value=json.dumps({**json.loads(s.value or b""), "note": note}).encode()) for s in large
    )
    await asyncio.sleep(1)  # some of it has been fetched meanwhile, and lies ready
    application.remove(1_500)
    (tmp_path / "fetch").unlink()
    assert await asyncio.to_thread(worker.process.wait, 60) == 75
    assert f"cannot read {application.sources['orders']}-0 from " in worker.text()
    with ends_raise(monkeypatch), pytest.raises(EndedError, match=r"of \S+-orders-0; figures lack them"):
        await Holder(application).take()


async def test_what_goes_before_anything_was_applied_is_missed_too(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = applications(partitions=1)
    await application.create()
    first, second = Holder(application), Holder(application)
    await first.take()  # nothing is there to be read, and nothing is saved
    await first.vanish()
    application.send(order(f"c-{n}", n, 1) for n in range(50))
    application.remove(10)
    with ends_raise(monkeypatch), pytest.raises(EndedError, match=r"counted: 10 of \S+-orders-0;") as ending:
        await second.take()
    assert ending.value.code == PERSON_NEEDED


async def test_a_topic_whose_last_marker_outlived_its_records_has_lost_nothing(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "a secret of the tests"
    application = applications(partitions=1, settings={"referral_ranks": "true", "erasure_secret": secret})
    await application.create()
    application.send(brought(n) for n in range(5))
    first = await Holder.up_to_date(application)
    assert await first.read() == 5  # what the partition has told itself, and behind it a marker
    await first.save()
    assert not first.held[0].moved
    await first.vanish()
    application.remove(-1, "credits")  # nobody has signed up for long
    second = Holder(application)
    await second.take()
    application.send(brought(n) for n in range(5, 8))
    await second.read()
    await second.save()
    await second.vanish()
    application.remove(-1, "credits")  # what nobody has heard yet
    with ends_raise(monkeypatch), pytest.raises(EndedError, match=r"counted: 4 of \S+-credits-0;"):
        await Holder(application).take()


def brought(number: int) -> Sent:
    told = event("customer.signed_up", "2025-09-01", f"c-{number}", referred_by="ann")
    return Sent("customers", f"c-{number}".encode(), json.dumps(told).encode())
