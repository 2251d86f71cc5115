"""A customer's partition follows from their number: nobody is split when some are added."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from service.letters.reading import Box
from service.letters.selection import Selection
from service.stream.endings import PERSON_NEEDED
from tests.stream.commands import subpulse
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent, storm
from tests.stream.holder import EndedError, Holder, ends_raise
from tests.stream.outcome import figures_of, settled_view


@pytest.mark.parametrize(
    ("grown", "told"),
    [
        ("orders", r"-orders 2, .*: bring all source topics to 2"),
        (
            "orders subscriptions customers marketing",
            r"-changelog 1: `subpulse rebuild` moves the state to 2",
        ),
        (
            "orders subscriptions customers marketing changelog dead-letters summaries",
            r"the topics have 2 partitions, but the records were kept in 1: .*`subpulse rebuild` moves them",
        ),
    ],
    ids=["one source", "all sources", "all topics"],
)
async def test_whoever_takes_partitions_asks_anew_how_many_there_are(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch, grown: str, told: str
) -> None:
    application = applications(partitions=1)
    await application.create()
    first, second = Holder(application), Holder(application)
    await first.take()  # with not a single event yet
    await first.vanish()
    await application.grow(2, *(f"{application.name}-{topic}" for topic in grown.split()))
    with ends_raise(monkeypatch), pytest.raises(EndedError, match=told) as ending:
        await second.take()
    assert ending.value.code == PERSON_NEEDED


async def test_partitions_added_under_a_running_worker_end_it_and_a_rebuild_counts_everybody_once(
    applications: NewApplication, tmp_path: Path
) -> None:
    application = applications(partitions=2)
    await application.create()
    before, after = list(storm(1_000, 7, customers=300, bad=0)), list(storm(1_000, 8, customers=300, bad=0))
    application.send([*before, Sent("orders", b"nobody", b"no JSON")])
    worker = application.start()
    await application.caught_up()
    await application.grow(3)
    application.send(after)  # the producer knows of three partitions, the worker only of two
    assert await asyncio.to_thread(worker.process.wait, 90) == 78, worker.text()
    assert "`subpulse rebuild` moves the state to 3" in worker.text()
    assert "Traceback" not in worker.text()
    places = {place for place, value in (await application.last_rows()).items() if value and place[1]}
    assert max(Counter(key for _, key in places).values()) == 1

    done = await subpulse(application, "rebuild")
    assert done.exit_code == 0, done.output
    assert f"records are in {application.changelog}-2, on 3 partitions" in done.output
    application.partitions = 3
    application.start()
    done = await subpulse(application, "dead-letters", "redrive", "--reason", "wrong_partition", "--yes")
    assert done.exit_code == 0, done.output
    assert await settled_view(application) == figures_of([*before, *after], tmp_path)
    box = Box({"bootstrap_servers": application.bootstrap}, application.dead_letters)
    assert [letter.story.reason for letter in await box.waiting(Selection())] == ["not_json"]
