"""All customers' records by name. Of most customers nothing is known but orders: they are held as buyers,
without the 112 bytes for what they do not have, until something else happens to them.
"""

from collections.abc import Iterator, MutableMapping, ValuesView
from sys import intern
from typing import ClassVar

from msgspec import Struct

from service.domain.records.customer import EVER, NEVER, Customer, Log


class Buyer(Struct, gc=False):
    """A customer of whom nothing is known but orders, none of them sealed: all else is as in a new record."""

    newest: int = EVER
    orders: Log = b""
    any_channel_at: int = NEVER
    any_channel: str | None = None
    refunds: ClassVar[bytes] = b""
    cancellations: ClassVar[bytes] = b""
    erased_at: ClassVar[None] = None
    back_since: ClassVar[None] = None

    def customer(self) -> Customer:
        """The whole record."""
        return Customer(
            newest=self.newest,
            orders=self.orders,
            any_channel_at=self.any_channel_at,
            any_channel=self.any_channel,
        )


class Customers(MutableMapping[str, Customer]):
    """Whoever gets a record by its name may change it, and so it is held whole from then on."""

    def __init__(self) -> None:
        self.held: dict[str, Customer | Buyer] = {}

    def __getitem__(self, name: str) -> Customer:
        held = self.held[name]
        if isinstance(held, Buyer):
            held = self.held[name] = held.customer()
        return held

    def __setitem__(self, name: str, customer: Customer) -> None:
        self.held[name] = customer

    def __delitem__(self, name: str) -> None:
        del self.held[name]

    def __contains__(self, name: object) -> bool:
        return name in self.held

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)

    def values(self) -> ValuesView[Customer]:
        """All records, to be looked at only."""
        return _Seen(self)

    def seen(self, name: str) -> Customer:
        """A record, to be looked at only."""
        return _whole(self.held[name])

    def snapshot(self, name: str) -> Customer:
        """A copy that later events leave alone."""
        held = self.held[name]
        return held.customer() if isinstance(held, Buyer) else held.snapshot()

    def restore(self, name: str, customer: Customer) -> None:
        """Hold a record as the changelog has it."""
        channel = customer.any_channel
        buyer = Buyer(
            newest=customer.newest,
            orders=customer.orders,
            any_channel_at=customer.any_channel_at,
            any_channel=None if channel is None else intern(channel),
        )
        self.held[name] = buyer if buyer.customer() == customer else customer


class _Seen(ValuesView[Customer]):
    _mapping: Customers

    def __iter__(self) -> Iterator[Customer]:
        return map(_whole, self._mapping.held.values())


def _whole(held: Customer | Buyer) -> Customer:
    return held.customer() if isinstance(held, Buyer) else held
