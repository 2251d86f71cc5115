"""Facts are brought up to date and summed up in the refresh thread, which alone may touch them."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

from service import memory
from service.domain.insights import Business, Look, Question
from service.domain.metrics import Definitions
from service.domain.metrics.moment import Moment
from service.domain.metrics.summary import summary_of
from service.domain.metrics.thresholds import Thresholds
from service.figures.watching import looked
from service.stream.owned import Owned

SLICE = 8_192  # records drawn at once
FRESH = 50_000  # new orders of a partition that may wait for a refresh

T = TypeVar("T")


class Computed(NamedTuple):
    """The packed summary of a partition, and what there is to say of single customers, if that was asked."""

    summary: bytes
    look: Look | None


class Computing:
    """The work of a refresh, which tells the CPU seconds that it took."""

    def __init__(self, definitions: Definitions, thread: ThreadPoolExecutor) -> None:
        self._definitions, self._thread = definitions, thread

    async def follow(self, owned: Owned) -> float:
        """Bring the facts up to date with the records, slice by slice, so that events are not held up and few
        copies of records exist at once."""
        spent = 0.0
        owned.days.draw_begins()
        whole, slices = False, 1 + owned.records.customers_held // SLICE  # what changes meanwhile waits
        while slices and not whole:
            began = time.thread_time()
            draft = owned.records.draw(SLICE)
            whole, slices = owned.records.all_drawn, slices - 1
            spent += time.thread_time() - began
            if not draft.empty:
                owned.drafts.append(draft)
                spent += await self._in_thread(partial(take_in, owned))
        owned.drawn, owned.days.whole = owned.drawn or whole, whole
        return spent

    async def keep_up(self, owned: Owned) -> float:
        """While history is read and refreshes are far apart: take new orders into the facts, once there are
        many. They need several times the room of facts while they wait, and leave holes behind. What else
        has changed waits for the refresh, and nobody is answered from such facts until then."""
        if owned.complete() or owned.records.fresh <= FRESH:
            return 0.0
        owned.drawn = False
        owned.drafts.append(owned.records.draw(0))
        return await self._in_thread(partial(take_in, owned))

    async def compute(
        self,
        asked: list[tuple[Owned, Question | None]],
        as_of: int,
        thresholds: tuple[Thresholds, ...],
        business: Business,
    ) -> tuple[list[Computed], float]:
        """What there is to know of each partition at an instant; and the CPU seconds."""
        work = partial(sum_up, asked, as_of, self._definitions, thresholds, business)
        return await self._in_thread(work)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def take_in(owned: Owned) -> float:
    """In the refresh thread: take the drafts into the facts; the CPU seconds used."""
    began = time.thread_time()
    while owned.drafts:  # each stays until it is in the facts
        owned.facts.update(owned.drafts[0])
        if owned.watcher is not None:
            owned.watcher.note(owned.drafts[0], owned.facts)
        owned.drafts.pop(0)
    return time.thread_time() - began


def sum_up(
    asked: list[tuple[Owned, Question | None]],
    as_of: int,
    definitions: Definitions,
    thresholds: tuple[Thresholds, ...],
    business: Business,
) -> tuple[list[Computed], float]:
    """In the refresh thread: what there is to know of each partition, and the CPU seconds used."""
    began = time.thread_time()
    found = [
        _computed(owned, question, Moment(owned.facts, as_of, definitions, thresholds), business)
        for owned, question in asked
    ]
    memory.give_back()  # no moment is left: each has copies of columns
    return found, time.thread_time() - began


def _computed(owned: Owned, question: Question | None, moment: Moment, business: Business) -> Computed:
    return Computed(summary_of(moment).pack(), looked(owned, moment, question, business))
