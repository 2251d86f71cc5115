"""What a worker is asked about its own partitions, beyond the figures; and where the others are asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from service.domain.metrics.fits import Fits
from service.domain.records.customer import Customer
from service.partitioner import partition_of
from service.stream.owned import Owned


class Found(NamedTuple):
    """A copy of a customer's record, or None if there is none; whether the partition was read to its end."""

    customer: Customer | None
    complete: bool


@dataclass
class Desk:
    """Questions are answered on the event loop, in a moment; long work is for a thread, on what is given out
    here."""

    parts: Callable[[], Mapping[int, Owned]]
    now: Callable[[], int | None]  # the present instant of the figures' clock
    partitions: int = 0  # of every topic; 0 until the broker has been reached
    owners: Callable[[], Mapping[int, str]] = dict  # where the worker of each partition answers
    fits: Callable[[], Fits] = dict  # the models behind predicted value, by the latest fit

    def place(self, customer_id: str) -> int:
        """The partition of a customer."""
        return partition_of(customer_id.encode(), self.partitions)

    def customer(self, customer_id: str) -> Found | None:
        """What the customer's partition holds; None if it is not one of this worker's."""
        owned = self.parts().get(self.place(customer_id))
        return None if owned is None else Found(owned.records.customer(customer_id), owned.complete())
