"""What is kept of one customer, of one marketing channel, of one referrer: scalars, and logs of packed rows.

A log only grows: every full `SEALED_BYTES` of it are written to the changelog once and never again, so a
touched record costs the same whether the customer has ten orders or ten thousand. Logs are plain bytes, so a
shallow copy of a record is a snapshot; long ones become byte arrays, which grow in place.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from service.domain.records.lengths import SHORT_BYTES

SEALED_BYTES = 512
NEVER = 2**63 - 1
EVER = -(2**63)

if TYPE_CHECKING:
    Log = bytes | bytearray
else:
    Log = bytes  # what a log is read back as


class Folded(Struct, array_like=True, gc=False, frozen=True):
    """Orders and refunds of one currency beyond the horizon: counted, no longer matched.

    `gross` and `refunded` are minor units as decimal text, because a lifetime may pass 64 bits.
    """

    orders: int = 0
    gross: str = "0"
    refunded: str = "0"

    def plus(self, orders: int, gross: int, refunded: int) -> "Folded":
        """These totals with more added to them (money in minor units)."""
        return Folded(self.orders + orders, str(int(self.gross) + gross), str(int(self.refunded) + refunded))


class Record(Struct, array_like=True, gc=False):
    """What they have in common: the newest instant of what happened, and how much of each log is sealed."""

    newest: int = EVER
    sealed: tuple[int, ...] = ()

    def snapshot(self) -> Self:
        """A copy that later events leave alone."""
        twin: Self = self.__copy__()  # type: ignore[attr-defined] # what copy.copy calls, without its detours
        for name in LOGS[type(self)]:
            if type(log := getattr(twin, name)) is bytearray:
                setattr(twin, name, bytes(log))
        return twin


Told = Callable[[type[Record], str], None]
"""Is told of a record, by kind and name, that it is to be written or deleted."""
Removed = Callable[[type[Record], str, tuple[int, ...]], None]
"""Is told of a record that is to be deleted, and of how many sealed pieces each of its logs has."""


class Customer(Record, array_like=True, gc=False):
    """One customer's life so far. Instants are microseconds since the epoch."""

    orders: Log = b""
    refunds: Log = b""
    cancellations: Log = b""
    contacts: Log = b""
    transitions: Log = b""
    transition_count: int = 0
    folded: dict[str, Folded] | None = None
    folded_first_at: int | None = None
    signed_up_at: int | None = None
    referred_at: int | None = None
    sign_up_channel: tuple[int, str] | None = None
    any_channel_at: int = NEVER
    any_channel: str | None = None
    erased_at: int | None = None  # of a surrogate: when the person was erased
    back_since: int | None = None  # of somebody erased before: what happened up to this instant is not here
    skus: bytes = b""  # rows of SKU: the products bought first, where they are kept


class Channel(Record, array_like=True, gc=False):
    """What was spent on one marketing channel."""

    spend: Log = b""


class Credits(Record, array_like=True, gc=False):
    """Who named a referrer when: rows of CREDIT, of one token the last counts; NEVER is taken back.

    Kept under the hash of the referrer's name, whether there is such a customer or not. Of one who was erased
    what happened up to `newest` is not taken any more; that ends with the erasure's `mark`.
    """

    rows: Log = b""
    mark: str = ""


LOGS: dict[type, tuple[str, ...]] = {
    Customer: ("orders", "refunds", "cancellations", "contacts", "transitions"),
    Channel: ("spend",),
    Credits: ("rows",),
}


def earliest(known: int | None, at: int) -> int:
    """The earlier of an instant and one known so far, if any."""
    return at if known is None or at < known else known


def appended(log: Log, row: bytes) -> Log:
    """`log` with `row` at its end: a new object while it is short, the same one grown when it is long."""
    if type(log) is bytes and len(log) >= SHORT_BYTES:
        log = bytearray(log)
    log += row
    return log


def replaced(log: Log, position: int, row: bytes) -> Log:
    """`log` with `row` over what lies at `position`: a new object, or the same one if it grows in place."""
    if type(log) is not bytearray:
        return log[:position] + row + log[position + len(row) :]
    log[position : position + len(row)] = row
    return log
