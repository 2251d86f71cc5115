"""Who was erased (definitions, section 7): surrogates in the place of records, and marks without names.

A surrogate is a customer's record under a random key, its identifiers replaced by numbers. A mark says under
a keyed hash of the old name when the erasure was, so that what happened before it is known for what it is
when it arrives late.
"""

from collections.abc import Callable
from hashlib import blake2b, sha512

import numpy as np
from msgspec.structs import replace

from service.domain.records import transitions
from service.domain.records.customer import Customer, Log, Record, Told
from service.domain.records.identity import SIZE
from service.domain.records.rows import CANCELLATION, CONTACT, ORDER, REFUND, columns
from service.domain.records.transitions import Transition, packed

NAME_BYTES, HASH_BYTES, SALT_BYTES = 16, 16, 32

Chance = Callable[[int], bytes]
"""So many random bytes that nobody can foresee."""


class Mark(Record, array_like=True, gc=False):
    """An erasure, kept under the hash of the customer's name; its instant is `newest`."""

    counted_from: int | None = None  # since when it has stood, by the clock; None: that is not told yet
    traces: bool = True  # whether dead letters and insights may still name the customer


class Salt(Record, array_like=True, gc=False):
    """What the hashes of one partition are made with, besides the secret."""

    salt: bytes = b""
    check: str = ""  # the hash of no name at all: tells whether the secret is the same


class WrongSecretError(ValueError):
    """Marks were made with another secret; the message is a sentence for the operator."""


class Marks:
    """The erasures of one partition number. `changed` and `gone` are told what is to be written."""

    def __init__(self, secret: bytes, changed: Told) -> None:
        self.held: dict[str, Mark] = {}
        self.salts: dict[str, Salt] = {}  # one, called "", as long as there are marks
        self._secret, self._changed = sha512(secret).digest() if secret else b"", changed
        self._key = b""

    def erased_at(self, name: str) -> int | None:
        """When this customer was erased last; None if there is no mark."""
        mark = self.held and self.held.get(self.hash(name))
        return mark.newest if mark else None

    def hash(self, name: str) -> str:
        """What stands for a name here; without secret and salt nobody can tell whose it is."""
        return blake2b(name.encode(), key=self._key, digest_size=HASH_BYTES).hexdigest()

    def add(self, name: str, at: int, chance: Chance) -> None:
        """Mark an erasure, later than those that are known."""
        if not self.salts:
            self.salts[""] = Salt(salt=chance(SALT_BYTES))
            self.use_salt()
            self.salts[""].check = self.hash("")
            self._changed(Salt, "")
        hashed = self.hash(name)
        self.held[hashed] = Mark(newest=at)
        self._changed(Mark, hashed)

    def use_salt(self) -> None:
        """Use the salt that came with the marks."""
        self._key = blake2b(self.salts[""].salt, key=self._secret).digest() if self.salts else b""

    def verify(self) -> None:
        """Raise WrongSecretError unless the secret is the one that the marks were made with."""
        if self.salts and self.salts[""].check != self.hash(""):
            raise WrongSecretError(
                "erasure_secret is not the one with which erased customers were marked: give all workers the "
                "one that was used before, or none if there was none"
            )

    def elapse(self, now: int, kept: int) -> list[tuple[type[Record], str]]:
        """Forget marks that have stood for `kept` microseconds; returns what is gone.

        A mark's time begins at the first call that finds it, so call it when the sources have been read to
        their end: what they hold from before the erasure has then been seen.
        """
        gone: list[tuple[type[Record], str]] = []
        for hashed, mark in list(self.held.items()):
            if mark.counted_from is None:
                mark.counted_from = now
                self._changed(Mark, hashed)
            elif now - mark.counted_from > kept:
                del self.held[hashed]
                gone.append((Mark, hashed))
        if not self.held and self.salts:
            self.salts.clear()
            gone.append((Salt, ""))
        return gone

    def traces_wanted(self) -> dict[str, int]:
        """Erasures whose traces in dead letters and insights have not been looked for: hash to instant."""
        return {hashed: mark.newest for hashed, mark in self.held.items() if mark.traces}

    def traces_deleted(self, wanted: dict[str, int]) -> None:
        """The dead letters and insights of these erasures have been dealt with."""
        for hashed, at in wanted.items():
            mark = self.held.get(hashed)
            if mark is not None and mark.newest == at:
                mark.traces = False
                self._changed(Mark, hashed)


def surrogate_name(chance: Chance) -> str:
    """A key that nothing can be derived from, and that no customer has."""
    return f"erased-{chance(NAME_BYTES).hex()}"


def surrogate(customer: Customer, at: int) -> Customer:
    """All that is kept of a customer erased at this instant, with numbers in the place of identifiers."""
    orders, refunds = columns(customer.orders, ORDER).copy(), columns(customer.refunds, REFUND).copy()
    cancellations = columns(customer.cancellations, CANCELLATION).copy()
    contacts = columns(customer.contacts, CONTACT).copy()
    numbers: dict[int, int] = {}
    for rows, name in ((orders, "id"), (refunds, "order"), (cancellations, "order")):
        rows[name] = [numbers.setdefault(order, len(numbers)) for order in rows[name].tolist()]
    for rows in (refunds, cancellations, contacts):
        rows["event"] = np.arange(len(rows))
    return replace(
        customer,
        newest=max(at, customer.newest),
        sealed=(),
        orders=orders.tobytes(),
        refunds=refunds.tobytes(),
        cancellations=cancellations.tobytes(),
        contacts=contacts.tobytes(),
        transitions=_numbered(customer.transitions, customer.transition_count),
        erased_at=at,
        back_since=None,
    )


def _numbered(log: Log, count: int) -> bytes:
    """A log of transitions, the names of subscriptions and events replaced by numbers in the same order: in
    one instant and between subscriptions that order decides."""
    held = transitions.unpacked(log, count)
    subscriptions, events = _ranks({t.subscription for t in held}), _ranks({t.event for t in held})
    return b"".join(
        packed(_renamed(place, t, subscriptions[t.subscription], events[t.event]))
        for place, t in enumerate(held)
    )


def _renamed(place: int, transition: Transition, subscription: str, event: str) -> Transition:
    return replace(transition, id=place.to_bytes(SIZE, "big"), subscription=subscription, event=event)


def _ranks(names: set[str]) -> dict[str, str]:
    width = len(str(len(names)))
    return {name: str(number).zfill(width) for number, name in enumerate(sorted(names))}
