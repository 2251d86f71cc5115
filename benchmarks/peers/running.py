"""One run: start an engine on the topic, watch what it makes durable, and end it."""

import asyncio
import re
import tempfile
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import NamedTuple

from benchmarks.application import Application, committed, forget, topics_of
from benchmarks.measured import Measured
from benchmarks.peers.engines import Ground, Variant

LIMIT = 900.0  # seconds for one run
PAUSE = 0.1  # seconds; asking more often would take from an engine what it is measured with
COUNTED = re.compile(r"^COUNTED (\d+)$", re.M)


class Moment(NamedTuple):
    """As many events are durable now, and this is what they have cost since the start."""

    seconds: float
    cpu: float
    events: int


class Round(NamedTuple):
    """What one run came to."""

    events: int  # between the first durable moment after the warm-up and the last
    seconds: float
    cpu_seconds: float
    resident: int  # bytes, at the end
    first_result: float  # seconds from the start of the process until the first events were durable

    @property
    def events_per_second(self) -> float:
        """By the clock."""
        return self.events / self.seconds

    @property
    def events_per_cpu_second(self) -> float:
        """Of the process and of all that it started."""
        return self.events / self.cpu_seconds


class FailedError(Exception):
    """A run did not come to an end; the text says what the engine said."""


async def run(variant: Variant, bootstrap: str, topic: str, count: int, warm: int) -> Round:
    """Have the engine read the topic with `count` events, of which `warm` are not timed.

    Raises:
        FailedError: the engine ended, or took too long.
    """
    group = f"peers-{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory(prefix="subpulse-peers-") as folder:
        ground = Ground(bootstrap, topic, group, Path(folder), count)
        if variant.engine == "subpulse":
            await Application(bootstrap, topic, group).create()
        began, process = time.monotonic(), variant.start(ground)
        try:
            moments = [Moment(0.0, 0.0, 0)]
            progress = (
                printed(process) if variant.printed else committed(bootstrap, group, topic, pause=PAUSE)
            )
            async with aclosing(progress) as counts:
                async for events in counts:
                    if events > moments[-1].events:
                        moments.append(Moment(time.monotonic() - began, process.cpu(), events))
                    if events >= count // variant.part:
                        break
                    if process.ended() or time.monotonic() - began > LIMIT:
                        raise FailedError(f"{variant.key} {_how(process)}: {process.told()[-1_000:].strip()}")
            return summed(moments, warm // variant.part, process.resident())
        finally:
            process.end()
            await forget(bootstrap, await topics_of(bootstrap, group))


async def printed(process: Measured) -> AsyncGenerator[int, None]:
    """What the process says that it has counted, again and again."""
    while True:
        yield max(map(int, COUNTED.findall(process.told())), default=0)
        await asyncio.sleep(PAUSE)


def summed(moments: list[Moment], warm: int, resident: int) -> Round:
    """From the first moment after the warm-up to the last; an engine that makes everything durable at once is
    timed from its start."""
    last = moments[-1]
    first = next((one for one in moments[:-1] if one.events >= warm), moments[0])
    return Round(
        last.events - first.events,
        last.seconds - first.seconds,
        last.cpu - first.cpu,
        resident,
        moments[1].seconds,
    )


def _how(process: Measured) -> str:
    return "ended by itself" if process.ended() else f"was not done in {LIMIT:.0f} s"
