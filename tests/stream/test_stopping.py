"""Who cannot stop in order is ended all the same, and says where it stood."""

import subprocess
import sys

import pytest

from service.stream.endings import START_AGAIN
from tests.stream.application import ROOT

STUCK = """
import asyncio
import time
from service.stream import endings

endings.STOP_SECONDS = 0.5

async def stuck_here():
    endings.stop_in_time()
    {}

asyncio.run(stuck_here())
"""


@pytest.mark.parametrize(
    ("waits", "code"),
    [("await asyncio.Event().wait()", START_AGAIN), ("time.sleep(60)", 1)],
    ids=["for something that does not come", "and lets nothing else go on"],
)
def test_a_worker_that_does_not_come_to_its_end_is_ended(waits: str, code: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STUCK.format(waits)], cwd=ROOT, capture_output=True, timeout=30
    )
    assert ended.returncode == code
    assert b"stuck_here" in ended.stderr
