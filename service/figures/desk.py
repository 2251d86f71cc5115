"""What a worker is asked about its own partitions, beyond the figures; and where the others are asked."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from service.domain.facts import Facts
from service.domain.metrics import Definitions, summarize
from service.domain.metrics.fits import Fits
from service.domain.metrics.history import TOLD
from service.domain.metrics.tally import Tally
from service.domain.records.customer import Credits, Customer
from service.partitioner import partition_of
from service.stream.owned import Owned


class Found(NamedTuple):
    """A copy of a customer's record, or None if there is none; whether the partition was read to its end;
    and who named the customer as referrer."""

    customer: Customer | None
    complete: bool
    credits: Credits | None


class Share(NamedTuple):
    """The packed summary of a partition at some instant; whether the partition was read to its end."""

    summary: bytes
    complete: bool


Written = Mapping[int, Mapping[int, Share]]
"""By instant and partition."""


async def _nothing(instants: Collection[int]) -> Written:
    return {}


@dataclass
class Desk:
    """What takes more than a moment is done in threads: copies are given out for those of whoever asks, and
    facts are looked at in the refresh thread, which alone may touch them, one partition after the other, so
    that a refresh gets its turn between two."""

    parts: Callable[[], Mapping[int, Owned]]
    now: Callable[[], int | None]  # the present instant of the figures' clock
    definitions: Definitions
    partitions: int = 0  # of every topic; 0 until the broker has been reached
    owners: Callable[[], Mapping[int, str]] = dict  # where the worker of each partition answers
    fits: Callable[[], Fits] = dict  # the models behind predicted value, by the latest fit
    sums: Callable[[], Tally] = Tally  # what the latest figures of the business were made from
    refresh_thread: Executor | None = None
    written: Callable[[Collection[int]], Awaitable[Written]] = _nothing  # in the daily history

    def place(self, customer_id: str) -> int:
        """The partition of a customer."""
        return partition_of(customer_id.encode(), self.partitions)

    def customer(self, customer_id: str) -> Found | None:
        """What the customer's partition holds; None if it is not one of this worker's."""
        owned = self.parts().get(self.place(customer_id))
        if owned is None:
            return None
        records = owned.records
        return Found(records.customer(customer_id), owned.complete(), records.credits_of(customer_id))

    async def shares(self, as_of: int, numbers: Collection[int]) -> dict[int, Share]:
        """What these partitions contribute to the figures of an instant; without those that are not this
        worker's, or whose facts are not there yet."""
        found, loop = {}, asyncio.get_running_loop()
        for number in sorted(numbers):
            owned = self.parts().get(number)
            if owned is not None and owned.drawn:
                facts = owned.facts
                work = partial(measured, facts, as_of, self.definitions)
                summary = await loop.run_in_executor(self.refresh_thread, work)
                if owned.facts is facts:  # else a refresh failed, and may have left halves
                    found[number] = Share(summary, owned.complete())
        return found


def measured(facts: Facts, as_of: int, definitions: Definitions) -> bytes:
    """In the refresh thread: the packed summary of a partition at an instant of the past."""
    return summarize(facts, as_of, definitions, TOLD).pack()
