"""What the changelog says of each customer and channel: a small decoder of its own.

This file knows the format of the changelog and nothing else does here; it shares no code with the program
that writes it. A row's key begins with a letter (c, m: scalars and the open ends of logs; C, M: 512 sealed
bytes of one log; e, s: marks of erased customers, and what they were made with), its value with the format's
version; the head record has an empty key.
"""

import struct
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec
import xxhash

VERSION = b"\x03"
ORDER, REFUND = struct.Struct("<8sqqH"), struct.Struct("<8s8sqqH")
CANCELLATION, CONTACT = struct.Struct("<8s8sq"), struct.Struct("<8sqB")
LOGS_OF_CUSTOMERS, LOGS_OF_CHANNELS = 5, 1

_unpack = msgspec.msgpack.Decoder(list[Any]).decode


class Kept(NamedTuple):
    """What is kept of one customer, in no particular order of arrival: rows are sorted."""

    newest: int
    orders: list[tuple]
    refunds: list[tuple]
    cancellations: list[tuple]
    contacts: list[tuple]
    transitions: list[tuple]
    folded: Any
    signed_up_at: int | None
    referred_at: int | None
    sign_up_channel: tuple[int, str] | None
    any_channel: tuple[int, str] | None
    erased_at: int | None  # of a surrogate
    back_since: int | None  # of somebody erased before
    skus: bytes


class Spent(NamedTuple):
    """What is kept of one marketing channel."""

    newest: int
    spend: list[tuple]


class Head(NamedTuple):
    """How far each source topic is applied to a partition: topic -> first offset that is not."""

    positions: dict[str, int]


Rows = Iterable[tuple[int, bytes, bytes | None]]  # partition, key, value; as they stand in the topic


def read(
    rows: Rows,
) -> tuple[dict[tuple[int, str], Kept | None], dict[tuple[int, str], Spent | None], dict[int, Head]]:
    """Customers and channels by (partition, name), heads by partition: the last value of a key counts.

    None stands for a record that cannot be put together, as when a sealed piece is missing.
    """
    last = {(partition, key): value for partition, key, value in rows}
    heads, customers, channels = {}, {}, {}
    for (partition, key), value in last.items():
        if value is None:
            continue
        if key == b"":
            heads[partition] = Head({topic: place[0] for topic, place in _unpack(value)[2].items()})
        elif key[:1] == b"c":
            customers[partition, key[1:].decode()] = _together(_kept, last, partition, key, value)
        elif key[:1] == b"m":
            channels[partition, key[1:].decode()] = _together(_spent, last, partition, key, value)
    return customers, channels, heads


def marks(rows: Rows) -> list[tuple[int, int]]:
    """Partition and instant of each erasure that is remembered."""
    last = {(partition, key): value for partition, key, value in rows if key[:1] == b"e"}
    return sorted((partition, _unpack(value[1:])[0]) for (partition, _), value in last.items() if value)


def short(name: str) -> bytes:
    """The eight bytes that stand for an identifier."""
    return xxhash.xxh3_64_digest(name.encode())


def currency(number: int) -> str:
    """The code that a number stands for: three digits of base 26."""
    return "".join(chr(65 + digit) for digit in (number // 676, number // 26 % 26, number % 26))


def _together(make: Callable, last: dict, partition: int, key: bytes, value: bytes) -> Any:
    """The record whose scalars and open ends are in `value`."""
    assert value[:1] == VERSION, f"a row of format {value[:1]!r}: this decoder reads {VERSION!r}"
    newest, sealed, *fields = _unpack(value[1:])
    count = LOGS_OF_CUSTOMERS if make is _kept else LOGS_OF_CHANNELS
    try:
        logs = []
        for log in range(count):
            names = [bytes([log]) + n.to_bytes(4, "big") for n in range(sealed[log] if sealed else 0)]
            pieces = [last[partition, key[:1].upper() + name + key[1:]][1:] for name in names]
            logs.append(b"".join([*pieces, fields[log]]))
        return make(newest, logs, fields[count:])
    except (KeyError, TypeError, struct.error, msgspec.MsgspecError):
        return None


def _spent(newest: int, logs: list[bytes], fields: list[Any]) -> Spent:
    return Spent(newest, sorted(_rows(logs[0], ORDER)))


def _kept(newest: int, logs: list[bytes], fields: list[Any]) -> Kept:
    count, folded, _, signed_up_at, referred_at, sign_up_channel, *fields = fields
    any_channel_at, any_channel, erased_at, back_since, skus = fields
    return Kept(
        newest,
        sorted(_rows(logs[0], ORDER)),
        sorted(_rows(logs[1], REFUND)),
        sorted(CANCELLATION.iter_unpack(logs[2])),
        sorted(CONTACT.iter_unpack(logs[3])),
        sorted(map(tuple, _unpack(b"\xdd" + count.to_bytes(4, "big") + logs[4]))),
        folded,
        signed_up_at,
        referred_at,
        sign_up_channel and tuple(sign_up_channel),
        (any_channel_at, any_channel) if any_channel else None,
        erased_at,
        back_since,
        skus,
    )


def _rows(log: bytes, row: struct.Struct) -> list[tuple]:
    return [(*fields, currency(number)) for *fields, number in row.iter_unpack(log)]
