"""The head record: how far each source topic is applied to the records of one partition.

One per partition, under the empty key (a domain key is never empty), in every checkpoint that moves a
position. It is the only truth about positions; the group's offsets are a copy for lag tools.
"""

from hashlib import blake2b
from typing import Any

import msgspec

from service.domain.records import UnknownFormatError
from service.domain.records.customer import EVER, NEVER

KEY = b""
FORMAT = 1


class Position(msgspec.Struct, array_like=True, frozen=True):
    """Where one source partition stands."""

    next: int = 0  # first offset not yet applied
    timestamp: int = -1  # of the last applied record, milliseconds since 1970
    digest: bytes = b""  # of its key and value: tells a topic created anew from the old one
    markers: int = 0  # offsets from `next` on without a record: markers of transactions

    @property
    def resume_at(self) -> int:
        """Where to read on. Retention takes markers away after the records before them: to have passed these
        is to have missed nothing when they are gone."""
        return self.next + self.markers


class CrashMark(msgspec.Struct, array_like=True, frozen=True):
    """A record on which applying raised an error nobody foresaw."""

    topic: str
    offset: int
    times: int = 1


class Head(msgspec.Struct, array_like=True, frozen=True):
    """All that a partition remembers besides its records."""

    format: int
    partitions: int  # number of partitions of the sources when this was written
    positions: dict[str, Position]  # by source topic
    crashes: tuple[CrashMark, ...] = ()
    days_made_by: str = ""  # see `DayMarks`
    days_written: tuple[int, int] = (NEVER, EVER)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Head).decode
_decode_format = msgspec.msgpack.Decoder(list[Any]).decode


def pack(head: Head) -> bytes:
    """The changelog value of `head`."""
    return _encode(head)


def unpack(value: bytes) -> Head:
    """The head in a changelog value; raises UnknownFormatError."""
    try:
        found = _decode_format(value)[0]
        if found == FORMAT:
            return _decode(value)
    except (msgspec.MsgspecError, IndexError):
        found = "unreadable"
    raise UnknownFormatError(
        f"the changelog's head record has format {found!r}, this program knows {FORMAT}: "
        "run the version that wrote it, or compute the state anew: `subpulse rebuild`"
    )


def digest(key: bytes | None, value: bytes | None) -> bytes:
    """Eight bytes that stand for a record's key and value."""
    return blake2b(value or b"", digest_size=8, key=(key or b"")[:64]).digest()
