"""A worker that joins others."""

import asyncio
import re
import time

from tests.stream.application import Worker
from tests.stream.conftest import NewApplication

SOON = 25.0  # seconds; whoever has not heard of the other one after 30 is thrown out of the group


def held(worker: Worker) -> set[int]:
    """The partitions that it took last."""
    found = re.findall(r"took partitions \[([\d, ]*)\]", worker.text())
    return {int(number) for number in re.findall(r"\d+", found[-1])} if found else set()


async def test_who_joins_gets_a_share_soon_also_where_a_silent_worker_is_waited_for_long(
    applications: NewApplication,
) -> None:
    application = applications(partitions=2, settings={"session_timeout": "600"})
    await application.create()
    first = application.start()
    limit = time.monotonic() + 60
    while held(first) != {0, 1}:
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.1)
    second = application.start()
    assert second.address
    limit = time.monotonic() + SOON
    while sorted([*held(first), *held(second)]) != [0, 1] or not held(second):
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.1)
