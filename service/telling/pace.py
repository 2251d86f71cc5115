"""Telling a story at once, or in its own time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from schemas.instants import DAY
from service.now import now_micros
from service.simulation import Business
from service.simulation.lapse import Lapse
from service.telling.outlets import Outlet

_LOOK = 0.1
"""Seconds between two looks at what has happened in the meantime."""

Progress = Callable[[int], None]
"""Called with the instant (microseconds of business time) up to which everything is told."""


@dataclass
class Told:
    """How much has been told so far; it grows while the telling goes on."""

    events: int = 0


async def at_once(
    business: Business, start: int, end: int, outlet: Outlet, told: Told, progress: Progress
) -> None:
    """Tell all from `start` to `end` (microseconds), day by day."""
    for instant in [*range(start + DAY, end, DAY), end]:
        told.events += await outlet.tell(business.until(instant))
        progress(instant)


async def in_its_time(business: Business, lapse: Lapse, end: int | None, outlet: Outlet, told: Told) -> None:
    """Tell what happens when it happens on the wall's clock, to `end` (business time) or for ever."""
    last = None if end is None else lapse.on_the_wall(end)
    while True:
        now = now_micros()
        told.events += await outlet.tell(business.until(now if last is None else min(now, last)))
        if last is not None and now >= last:
            return
        await asyncio.sleep(_LOOK)
