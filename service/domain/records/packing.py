"""Records as rows of the changelog: keys, values, format version.

A record is one row with its scalars and the open tails of its logs; each sealed piece of a log is a row of
its own. Pieces come before the row that counts them, so that whoever reads the last value of each key in
order can put every record together.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, cast

import msgspec

from service.domain.records import former
from service.domain.records.credit_key import CreditKey
from service.domain.records.customer import (
    LOGS,
    SEALED_BYTES,
    Channel,
    Credits,
    Customer,
    Log,
    Record,
    appended,
)
from service.domain.records.customers import Customers
from service.domain.records.erasure import Mark, Salt
from service.domain.records.referrals import Referral
from service.domain.records.sayings import Said, Watch
from service.domain.records.skus import Sku

VERSION = 3
REFERRAL_VERSION = 4
"""Of the kinds that are kept only where customers are ranked by referral. A program from before these stops
at their rows with a sentence; where there are none, it reads all."""
_VERSION, _FORMER = bytes([VERSION]), bytes([former.VERSION])
_HEAD: dict[Any, bytes] = {
    Customer: b"c", Channel: b"m", Mark: b"e", Salt: b"s", Sku: b"k", Said: b"i", Watch: b"w",
    CreditKey: b"h", Referral: b"f", Credits: b"r",
}  # fmt: skip
_PIECE: dict[Any, bytes] = {Customer: b"C", Channel: b"M", Credits: b"R"}
_VERSIONS = dict.fromkeys(_HEAD, _VERSION) | dict.fromkeys(
    (CreditKey, Referral, Credits), bytes([REFERRAL_VERSION])
)
_ARRAY_OF = b"\xdd"  # msgpack: an array follows whose length has four bytes
KINDS: dict[int, type[Record]] = {
    **{v[0]: k for k, v in _HEAD.items()},
    **{v[0]: k for k, v in _PIECE.items()},
}

Row = tuple[bytes, bytes | None]

HEADS_WAITING = 1 << 16
"""Of each kind, while a partition's changelog is read: some 30 MB where it has so many records."""
AT_ONCE = 2_000  # heads unpacked in one call: no other thread gets a turn meanwhile

_logs_of: dict[type[Record], Callable[[Any], tuple[Log, ...]]] = {
    Customer: attrgetter(*LOGS[Customer]),
    Channel: lambda channel: (channel.spend,),
    Credits: lambda credits: (credits.rows,),
    **dict.fromkeys((Mark, Salt, Sku, Said, Watch, CreditKey, Referral), lambda record: ()),
}
_encode = msgspec.msgpack.Encoder().encode
_decoders: dict[type[Record], Callable[[bytes], list[Any]]] = {
    kind: msgspec.msgpack.Decoder(list[kind]).decode  # type: ignore[valid-type]
    for kind in _HEAD
}


class UnknownFormatError(ValueError):
    """The changelog was written by a newer or another program; the message is a sentence for the operator."""


def head_key(kind: type[Record], name: str) -> bytes:
    """The key of the row with a record's scalars and tails."""
    return _HEAD[kind] + name.encode()


def piece_key(kind: type[Record], name: str, log: int, number: int) -> bytes:
    """The key of piece `number` of the record's `log` (its place in LOGS)."""
    return _PIECE[kind] + bytes([log]) + number.to_bytes(4, "big") + name.encode()


def pack(name: str, record: Record, *, rewritten: bool) -> Iterable[Row]:
    """The changelog rows of a record that changed; afterwards `record.sealed` says what the changelog holds.

    `rewritten`: rows before the tails have changed too, so every piece is written again.
    """
    if not record.sealed:
        whole = _encode(record)
        if len(whole) < SEALED_BYTES:  # then each of its logs is shorter still
            kind = type(record)
            return ((head_key(kind, name), _VERSIONS[kind] + whole),)
    elif not rewritten and type(record) is Customer and _only_tail_of_orders(record):
        return (_with_tail_of_orders(name, record),)
    return _pack_in_pieces(name, record, rewritten)


def _only_tail_of_orders(customer: Customer) -> bool:
    """Whether no log but that of orders has sealed pieces, and none has got one more: as it is nearly always
    with customers who order and do nothing else."""
    return (
        customer.sealed == (len(customer.orders) // SEALED_BYTES, 0, 0, 0, 0)
        and len(customer.refunds) < SEALED_BYTES
        and len(customer.cancellations) < SEALED_BYTES
        and len(customer.contacts) < SEALED_BYTES
        and len(customer.transitions) < SEALED_BYTES
    )


def _with_tail_of_orders(name: str, customer: Customer) -> Row:
    """What `_pack_in_pieces` makes of it, in half of the time."""
    orders = customer.orders
    customer.orders = orders[customer.sealed[0] * SEALED_BYTES :]
    try:
        return head_key(Customer, name), _VERSIONS[Customer] + _encode(customer)
    finally:
        customer.orders = orders


def _pack_in_pieces(name: str, record: Record, rewritten: bool) -> list[Row]:
    kind = type(record)
    logs = _logs_of[kind](record)
    full = tuple([len(log) // SEALED_BYTES for log in logs])
    rows: list[Row] = []
    if rewritten or full != record.sealed:
        rows.extend(_pieces(name, kind, logs, full, record.sealed or (0,) * len(logs), rewritten))
        record.sealed = full if any(full) else ()
    open_part = record.__copy__()  # type: ignore[attr-defined] # what copy.copy calls, without its detours
    for log_name, log, pieces in zip(LOGS[kind], logs, full, strict=True):
        if pieces:
            setattr(open_part, log_name, bytes(log[pieces * SEALED_BYTES :]))
    rows.append((head_key(kind, name), _VERSIONS[kind] + _encode(open_part)))
    return rows


def _pieces(
    name: str,
    kind: type[Record],
    logs: Sequence[Log],
    full: Sequence[int],
    held: Sequence[int],
    rewritten: bool,
) -> Iterator[Row]:
    """The rows of pieces that are `full` and that the changelog, where so many are `held`, lacks."""
    for place, log in enumerate(logs):
        for number in range(0 if rewritten else held[place], full[place]):
            piece = bytes(log[number * SEALED_BYTES : (number + 1) * SEALED_BYTES])
            yield piece_key(kind, name, place, number), _VERSIONS[kind] + piece
        for number in range(full[place], held[place]):
            yield piece_key(kind, name, place, number), None


def removed(kind: type[Record], name: str, sealed: Sequence[int]) -> Iterator[Row]:
    """The changelog rows that take away a record of which so many pieces of each log are `sealed`."""
    yield head_key(kind, name), None
    for place, count in enumerate(sealed):
        for number in range(count):
            yield piece_key(kind, name, place, number), None


class Assembly:
    """Puts records together again from changelog rows, into `held`: the last value of a key counts.

    Whoever is busy is written with every checkpoint. So heads wait for a while, as they are: nearly all that
    others replace are so never unpacked.

    Compaction may leave an old head whose pieces have already been replaced further on. Such a record is
    wrong only until its newer pieces and their head arrive; so pieces are kept until the end is reached.
    """

    def __init__(self, held: Mapping[type[Record], MutableMapping[str, Any]]) -> None:
        self._held = held
        self.removed = False  # whether a customer who was held is gone
        self._pieces: dict[tuple[type[Record], str], dict[tuple[int, int], bytes | None]] = {}
        self._heads: dict[type[Record], dict[str, bytes | None]] = {kind: {} for kind in _HEAD}

    def add(self, rows: Sequence[Row]) -> list[tuple[type[Record], str]]:
        """Take more rows, in the order of the changelog; kind and name of each record that was put together.

        Raises:
            UnknownFormatError: a row was written in a format that is neither this one nor the one before.
        """
        heads = self._heads
        for key, value in rows:
            body = value if value is None else _body(key, value)
            kind = KINDS[key[0]]
            if key[:1] == _HEAD[kind]:
                heads[kind][key[1:].decode()] = body
            else:
                pieces = self._pieces.setdefault((kind, key[6:].decode()), {})
                pieces[key[1], int.from_bytes(key[2:6], "big")] = body
        return self._put_together(HEADS_WAITING)

    def end(self) -> list[tuple[type[Record], str]]:
        """All rows are there: the records that were still to be put together."""
        return self._put_together(0)

    def _put_together(self, waiting: int) -> list[tuple[type[Record], str]]:
        done: list[tuple[type[Record], str]] = []
        for kind, heads in self._heads.items():
            while (beyond := len(heads) - waiting) > 0:
                names = list(islice(heads, min(beyond, AT_ONCE)))
                done += [(kind, name) for name in self._take(kind, {name: heads.pop(name) for name in names})]
        return done

    def _take(self, kind: type[Record], heads: dict[str, bytes | None]) -> Iterable[str]:
        held = self._held[kind]
        for name in [name for name, body in heads.items() if body is None]:
            if held.pop(name, None) is not None and kind is Customer:
                self.removed = True
            del heads[name]
        joined = _ARRAY_OF + len(heads).to_bytes(4, "big") + b"".join(cast(Iterable[bytes], heads.values()))
        put = held.restore if isinstance(held, Customers) else held.__setitem__
        for name, record in zip(heads, _decoders[kind](joined), strict=True):
            if record.sealed:
                self._complete(kind, name, record)
            put(name, record)
        return heads

    def _complete(self, kind: type[Record], name: str, record: Record) -> None:
        """Put the sealed pieces, new ones or those of the record held so far, in front of the tails."""
        pieces, before = self._pieces.get((kind, name), {}), self._held[kind].get(name)
        for place, log in enumerate(LOGS[kind]):
            old = b"" if before is None else getattr(before, log)
            parts = [
                pieces.get((place, n))
                or old[n * SEALED_BYTES : (n + 1) * SEALED_BYTES].ljust(SEALED_BYTES, b"\0")
                for n in range(record.sealed[place])
            ]
            setattr(record, log, appended(b"".join(parts), getattr(record, log)))


def _body(key: bytes, value: bytes) -> bytes:
    """What stands behind the format of a row."""
    version = _VERSIONS[KINDS[key[0]]]
    if value[:1] == version:
        return value[1:]
    readable = (_FORMER, version) if version == _VERSION else (version,)  # others came later
    found, told = value[:1].hex() or "none", " and ".join(one.hex() for one in readable)
    why = f"changelog of format {found}, this version reads {told}"
    if value[:1] in readable:
        try:
            return former.customer(value[1:]) if key[:1] == _HEAD[Customer] else value[1:]
        except former.NamedErasureError as error:
            why = str(error)
    raise UnknownFormatError(
        f"{why}; run the version that wrote it, or compute the state anew: `subpulse rebuild`"
    )
