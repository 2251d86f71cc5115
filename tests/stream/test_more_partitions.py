"""A customer's partition follows from their number: nobody is split when some are added."""

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli import app
from service.stream.endings import PERSON_NEEDED
from tests.stream.conftest import NewApplication
from tests.stream.events import storm
from tests.stream.holder import EndedError, Holder, ends_raise
from tests.stream.outcome import settled_view
from tests.stream.test_endings import ended
from tests.stream.test_rebuild import figures_of, rebuild


async def test_unequal_numbers_of_partitions_end_with_78(applications: NewApplication) -> None:
    application = applications()
    await application.create()
    await application.grow(5, application.sources["orders"])
    code, text = await ended(application)
    assert code == 78
    assert f"{application.sources['orders']} 5" in text
    assert "Traceback" not in text


async def test_topics_that_were_all_grown_end_with_78_once_there_is_state(
    applications: NewApplication,
) -> None:
    application = applications()
    await application.create()
    application.send(storm(1_000, 3))
    worker = application.start()
    await application.caught_up()
    assert worker.stop()[0] == 0
    own = (application.changelog, application.dead_letters, application.summaries)
    await application.grow(6, *application.sources.values(), *own)
    code, text = await ended(application)
    assert code == 78
    assert "the topics have 6 partitions, but the records were kept in 4" in text


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (("orders",), "-orders 2, .*: bring all source topics to 2"),
        ((), "-changelog 1: `subpulse rebuild` moves the state to 2"),
    ],
    ids=["one topic", "all topics"],
)
async def test_whoever_takes_partitions_asks_anew_how_many_there_are(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch, kinds: tuple[str, ...], told: str
) -> None:
    application = applications(partitions=1)
    await application.create()
    first, second = Holder(application), Holder(application)
    await first.take()  # with not a single event yet
    await application.grow(2, *(application.sources[kind] for kind in kinds))
    with ends_raise(monkeypatch), pytest.raises(EndedError, match=told) as ending:
        await second.take()
    assert ending.value.code == PERSON_NEEDED


async def test_partitions_added_under_a_running_worker_end_it_and_nobody_is_split(
    applications: NewApplication, tmp_path: Path
) -> None:
    application = applications(partitions=2)
    await application.create()
    before, after = list(storm(1_000, 7, customers=300, bad=0)), list(storm(1_000, 8, customers=300, bad=0))
    application.send(before)
    worker = application.start()
    await application.caught_up()
    await application.grow(3)
    application.send(after)  # the producer knows of three partitions, the worker only of two
    assert await asyncio.to_thread(worker.process.wait, 90) == 78, worker.text()
    assert "`subpulse rebuild` moves the state to 3" in worker.text()
    assert "Traceback" not in worker.text()
    places = {place for place, value in (await application.last_rows()).items() if value and place[1]}
    assert max(Counter(key for _, key in places).values()) == 1

    assert (await rebuild(application)).exit_code == 0
    application.partitions = 3
    application.start()
    redrive = ["dead-letters", "redrive", "--reason", "wrong_partition", "--yes"]
    command = partial(CliRunner().invoke, app, redrive, env=application.environment)
    done = await asyncio.to_thread(command)
    assert done.exit_code == 0, done.output
    assert await settled_view(application) == figures_of([*before, *after], tmp_path)
