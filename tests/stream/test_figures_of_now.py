"""Figures of now are told as soon as they are there."""

import asyncio

from tests.stream.conftest import NewApplication
from tests.stream.events import storm

INTERVAL = 10  # seconds between two checkpoints


async def test_new_figures_do_not_wait_for_the_next_checkpoint(applications: NewApplication) -> None:
    settings = {"clock": "wall", "commit_interval": f"{INTERVAL}", "refresh_interval": "0.5"}
    application = applications(settings=settings)
    await application.create()
    application.send(storm(100, 1))
    worker = application.start()
    while not await worker.answer():
        await asyncio.sleep(0.1)
    told = set()
    for _ in range(INTERVAL - 1):
        told.add((await worker.answer())["as_of"])
        await asyncio.sleep(1)
    assert len(told) > 2  # by the checkpoints alone there would be two at most
