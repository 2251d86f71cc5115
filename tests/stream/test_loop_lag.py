"""How late the event loop wakes whoever waits."""

import asyncio
import time

from service.stream.loop_lag import EVERY, LoopLag
from service.stream.telemetry import Histogram


async def test_what_holds_the_loop_is_seen_but_for_the_pause_between_two_looks() -> None:
    lag = Histogram((0.2,))
    watching = asyncio.ensure_future(LoopLag(lag).run())
    await asyncio.sleep(0)
    time.sleep(0.2 + 2 * EVERY)
    await asyncio.sleep(0.1)
    watching.cancel()
    assert lag.counts[1] >= 1
    assert lag.sum >= 0.2
