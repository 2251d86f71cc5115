"""A worker that is hindered in one way or another while a file of that name is there. Run in the place of
`faust`.

recovery: the changelog is not read.  fetch: no records come.  refresh: computing figures fails half-way.
loop: the event loop stands still.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

from faust.cli.faust import cli

from service.domain.facts import Facts
from service.figures.refresh import Refresher
from service.stream.consumer import Consumer
from service.stream.recovery import Recovery

FOLDER = Path(os.environ["TEST_HINDRANCES"])
read, getmany, update, listen = Recovery.read, Consumer._getmany, Facts.update, Refresher.listen


def hindered(how: str) -> bool:
    return (FOLDER / how).exists()


async def slow_read(self: Recovery, *arguments: Any) -> None:
    while hindered("recovery"):
        await asyncio.sleep(0.05)
    await read(self, *arguments)


async def no_records(self: Consumer, **arguments: Any) -> Any:
    if hindered("fetch"):
        await asyncio.sleep(0.05)
        return {}
    return await getmany(self, **arguments)


def half_updated(self: Facts, draft: Any) -> None:
    if hindered("refresh"):
        update(self, draft._replace(orders=dict(list(draft.orders.items())[::2])))
        raise ZeroDivisionError("the bug that this test is about")
    update(self, draft)


async def standing_still(self: Refresher) -> None:
    async def watch() -> None:
        while True:
            await asyncio.sleep(0.05)
            while hindered("loop"):
                time.sleep(0.05)

    await asyncio.gather(watch(), listen(self))


if __name__ == "__main__":
    Recovery.read = slow_read  # type: ignore[method-assign]
    Consumer._getmany = no_records
    Facts.update = half_updated  # type: ignore[method-assign]
    Refresher.listen = standing_still  # type: ignore[method-assign]
    sys.exit(cli(["--quiet", "-A", "service.app", "worker"]))
