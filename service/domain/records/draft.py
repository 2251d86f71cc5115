"""What facts are made of: copies of the records that changed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from service.domain.records.customer import Channel, Credits, Customer
from service.domain.records.ledger import FreshOrders


class Referrers(NamedTuple):
    """Referrers, by the hash of their names, whose credits have changed; and what makes such a hash."""

    credits: Mapping[str, Credits]
    hash: Callable[[str], bytes]

    def __bool__(self) -> bool:
        return bool(self.credits)


class Draft(NamedTuple):
    """What changed since the last draft: new orders, and snapshots of the records that changed otherwise, by
    order events and by anything else. The snapshots know the new orders too. And channels with new spend;
    customers who bought what they had not before, and the names of products if these have changed; and
    referrers, where customers are ranked by referral."""

    fresh: FreshOrders
    orders: dict[str, Customer]
    lives: dict[str, Customer]
    channels: dict[str, Channel]
    anew: bool = False  # forget what was drawn before: customers were removed, and all others come again
    skus: Mapping[str, Customer] = MappingProxyType({})
    sku_names: Mapping[int, str] | None = None
    spoken_of: tuple[str, ...] = ()  # those of all these customers of whom something has been said
    referrers: Referrers | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing has changed."""
        return not any(self) and self.sku_names is None
