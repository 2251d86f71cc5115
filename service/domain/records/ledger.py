"""Where records are held: who there is, and whose record changed."""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import chain
from sys import intern
from typing import Any

from schemas import fast
from schemas.topics import Kind
from service.domain.records.credit_key import CreditHashes, CreditKey
from service.domain.records.credits import Credited
from service.domain.records.customer import LOGS, NEVER, SEALED_BYTES, Channel, Credits, Customer, Record
from service.domain.records.customers import Buyer, Customers
from service.domain.records.erasure import Chance, Mark, Marks, Salt, surrogate, surrogate_name
from service.domain.records.horizon import oldest_of
from service.domain.records.keyed_rows import KeyedRows
from service.domain.records.referrals import Home, Referral, Referrals
from service.domain.records.ripeness import Ripeness
from service.domain.records.sayings import Said, Sayings, Watch
from service.domain.records.skus import Sku, Skus

FORGOTTEN_AT_ONCE = 1_000  # records of referrals that one checkpoint deletes where these are switched off

Gone = tuple[type[Record], str, tuple[int, ...]]
"""A record to be deleted: its kind and name, and how much of each log is sealed."""


class FreshOrders:
    """New orders since the last draw whose customers have nothing that they must be matched with: names of
    customers, and as many rows of ORDER. They are added to the facts; nothing there is replaced.

    `renamed`: how many of the orders had come when a customer (old name) got another name.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.rows = bytearray()
        self.renamed: list[tuple[int, str, str]] = []

    def __bool__(self) -> bool:
        return bool(self.names or self.renamed)

    def extend(self, names: Iterable[str], rows: bytes | bytearray) -> None:
        """Add orders, the row of each and the name of its customer."""
        self.names.extend(names)
        self.rows += rows


class Ledger:
    """The records of one partition number, and which changed since they were last written or drawn."""

    def __init__(
        self,
        secret: bytes = b"",
        chance: Chance = secrets.token_bytes,
        skus: int = 0,
        home: Home | None = None,
        *,
        heirs: bool = False,
    ) -> None:
        """`secret`: what nobody must know who wants to guess names by their hashes; `chance`: random bytes;
        `skus`: how many products are kept of a customer; `home`, `heirs`: see `Partition`."""
        self.customers = Customers()
        self.channels: dict[str, Channel] = {}
        kinds = (Customer, Channel, Mark, Salt, Sku, Said, Watch, CreditKey, Referral, Credits)
        self.changed: dict[type[Record], set[str]] = {kind: set() for kind in kinds}
        self.gone: list[Gone] = []
        self.forgotten: list[Gone] = []  # likewise, of kinds of which nothing comes any more
        self.rewritten: set[str] = set()  # customers whose logs changed before their end
        self.rewritten_pieces = 0  # about so many sealed pieces are theirs
        self.fresh = FreshOrders()
        self.undrawn_orders: set[str] = set()
        self.undrawn_lives: set[str] = set()
        self.undrawn_channels: set[str] = set()
        self.undrawn_skus: set[str] = set()
        self.late: Counter[Kind] = Counter()
        self.oldest = NEVER  # no order, refund or cancellation that is kept happened earlier
        self.ripeness = Ripeness()
        self.marks = Marks(secret, self._changed)
        self.skus = Skus(skus, self._changed, self._gone)
        self.sayings = Sayings(self._changed, self._gone)
        self.hashes = CreditHashes(secret, self._changed)
        self.referrals = Referrals(home, self.hashes, chance, self._changed, self._gone)
        self.credited = Credited(self.hashes, self._changed, self._removed, heirs=heirs)
        self._chance = chance
        self.rows = KeyedRows()

    def _changed(self, kind: type[Record], name: str) -> None:
        self.changed[kind].add(name)

    def _gone(self, kind: type[Record], name: str) -> None:
        self._removed(kind, name, ())

    def _removed(self, kind: type[Record], name: str, sealed: tuple[int, ...]) -> None:
        self.changed[kind].discard(name)
        self.gone.append((kind, name, sealed))

    def customer(self, name: str) -> Customer:
        """The customer's record, or a fresh one, which is held only once `touched` is called."""
        if name in self.customers.held:
            return self.customers[name]
        return Customer(back_since=self.marks.erased_at(name))

    def too_late(self, name: str, at: int) -> bool:
        """Whether an event of this instant, arriving now, happened before the customer's erasure."""
        if not self.marks.held:
            return False
        customer = self.customers.held.get(name)
        if customer is not None and (customer.back_since is None or at > customer.back_since):
            return False
        erased_at = self.marks.erased_at(name)
        return erased_at is not None and at <= erased_at

    def erase(self, name: str, at: int) -> None:
        """Move what has arrived for a customer to a surrogate; from now on `too_late` knows of it."""
        self.marks.add(name, at, self._chance)
        self.sayings.forget(name)
        customer, new = self.customers.pop(name, None), surrogate_name(self._chance)
        if self.referrals.wanted:
            self.referrals.forget(name)
            self.credited.erased(name, at, self.marks.hash(name), None if customer is None else new)
        if customer is None:
            return
        self.late["customers"] += at < customer.newest
        self.gone.append((Customer, name, customer.sealed))
        self.customers[new] = surrogate(customer, at)
        self.fresh.renamed.append((len(self.fresh.names), name, new))
        self.undrawn_lives.add(name)
        for names in (self.changed[Customer], self.undrawn_orders, self.undrawn_lives, self.undrawn_skus):
            if name in names:
                names.remove(name)
                names.add(new)
        self.changed[Customer].add(new)
        self.rewritten.discard(name)
        self.rewritten_pieces += sum(customer.sealed)
        self.ripeness.forget(name)
        self.rows.forget_all_of(name)

    def forget_marks(self, now: int, kept: int) -> None:
        """See `Marks.elapse`."""
        gone = self.marks.elapse(now, kept)
        for kind, name in gone:
            self._gone(kind, name)
        if gone and self.referrals.wanted:
            self.credited.forget_marks({name for kind, name in gone if kind is Mark})

    def forget_referrals(self) -> None:
        """Let go all that is kept of who named whom, a little with each checkpoint; last what tells whether
        the secret is the same."""
        kept: tuple[dict[str, Any], ...] = (self.referrals.held, self.credited.held, self.hashes.held)
        records = chain.from_iterable(held.items() for held in kept)
        self.forgotten += [(type(record), name, record.sealed) for name, record in records]
        for held in kept:
            held.clear()
        self.credited.undrawn.clear()

    def deleted(self) -> list[Gone]:
        """What the next checkpoint deletes; from now on it is."""
        gone, self.gone = self.gone + self.forgotten[:FORGOTTEN_AT_ONCE], []
        del self.forgotten[:FORGOTTEN_AT_ONCE]
        return gone

    def touched(self, name: str, customer: Customer, at: int, topic: Kind) -> None:
        """Hold a customer's record that an event of this instant and topic has touched."""
        if at >= customer.newest:
            customer.newest = at
        else:
            self.late[topic] += 1
        self.customers[name] = customer
        self.changed[Customer].add(name)
        (self.undrawn_orders if topic == "orders" else self.undrawn_lives).add(name)

    def row_added(self, name: str, at: int) -> None:
        """Note that a row of this instant was added to a customer's orders, refunds or cancellations."""
        self.oldest = min(self.oldest, at)
        self.ripeness.row_added(name, at)

    def orders_added(self, names: Collection[str], late: int, oldest: int) -> None:
        """Note that new orders, none before `oldest`, of these customers were added; `late` came late."""
        self.changed[Customer].update(names)
        self.late["orders"] += late
        self.oldest = min(self.oldest, oldest)

    def find_oldest(self) -> None:
        """Find `oldest` anew, after the records came from elsewhere."""
        self.oldest = oldest_of(self.customers.values())

    def seen_on(self, name: str, customer: Customer | Buyer, at: int, channel: str | None) -> None:
        """Note that an event carried a channel: the earliest one counts."""
        if channel is not None and (at, channel) < (customer.any_channel_at, customer.any_channel or ""):
            customer.any_channel_at = at
            customer.any_channel = intern(channel)  # one text for all customers of a channel
            self.undrawn_lives.add(name)

    def bought(self, name: str, customer: Customer, order: fast.OrderPlaced) -> None:
        """Note which products a customer ordered, where they are kept."""
        if self.skus.most and order.items and self.skus.bought(customer, order.items, order.occurred_at):
            self.undrawn_skus.add(name)

    def came_back(self, names: Collection[str]) -> None:
        """Note that these customers' records came from the changelog: what was known of their rows is not
        true any more."""
        self.undrawn_orders.update(names)
        self.undrawn_lives.update(names)
        self.undrawn_skus.update(names if self.skus.most else ())
        self.skus.came_back()
        self.ripeness.known.clear()
        self.rows.forget_all()

    def rewrote(self, name: str) -> None:
        """Note that a row before the end of a customer's logs changed in its place."""
        if name not in self.rewritten:
            self.rewritten.add(name)
            logs = (getattr(self.customers[name], log) for log in LOGS[Customer])
            self.rewritten_pieces += sum(len(log) // SEALED_BYTES for log in logs)
        self.changed[Customer].add(name)
        self.undrawn_orders.add(name)

    def folded(self, name: str) -> None:
        """Note that rows are gone from a customer's logs, whatever becomes of the event that came."""
        self.rewrote(name)
        self.rows.forget(name)
