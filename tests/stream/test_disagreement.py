"""Workers of one application that disagree: over the time of day, or over what a figure means."""

import asyncio
import sys
import time
from pathlib import Path

from tests.stream.application import Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import order


async def said(worker: Worker, sentence: str) -> None:
    """Until the worker's log holds this sentence."""
    limit = time.monotonic() + 60
    while sentence not in worker.text():
        assert worker.alive, worker.text()
        assert time.monotonic() < limit, worker.text()
        await asyncio.sleep(0.2)


async def test_figures_of_a_worker_whose_clock_or_settings_are_wrong_are_not_shown_and_the_log_says_why(
    applications: NewApplication, tmp_path: Path
) -> None:
    application = applications(partitions=1, settings={"clock": "wall"})
    await application.create()
    application.send([order("c-1", 1, 1)])
    command = [sys.executable, "-m", "tests.stream.wrong_clock_worker"]
    wrong = Worker(application.environment, tmp_path / "wrong.log", command)
    application.workers.append(wrong)
    clock = "partition 0: the clock of its worker is 60 minutes ahead of the broker's: set both by NTP"
    await said(wrong, clock)
    await application.caught_up()  # events are counted all the same
    assert await wrong.answer() == {}
    assert wrong.stop()[0] == 0

    elsewhere = application.start(time_zone="Asia/Tokyo")
    await said(elsewhere, "took partitions [0]")
    here = application.start()
    settings = "partition 0: its worker computes figures with other settings (time zone, windows, labels, …)"
    await said(here, settings)
    assert await here.answer() == {}
    while not (shown := await elsewhere.answer()).get("complete"):
        await asyncio.sleep(0.2)
    assert shown["refused_summaries"] == []
