"""What stands in the summaries topic: an envelope per partition, and the instant for which all are made."""

from typing import Any

import msgspec

from service.domain.metrics.fits import Models
from service.domain.metrics.thresholds import Thresholds
from service.domain.records.customer import EVER, NEVER

FORMAT = 1
TARGET_KEY = b"target"  # on partition 0: the instant chosen by its owner when the clock is that of the events


def summary_key(number: int) -> bytes:
    """Key of the summary of partition `number`."""
    return str(number).encode()


class Envelope(msgspec.Struct, array_like=True, frozen=True):
    """A partition's summary, and what to know before opening it. Instants: microseconds since 1970."""

    format: int
    fingerprint: str  # of the settings that change figures: unequal ones cannot be added
    generation: int  # of the consumer group, for people who debug
    partition: int
    as_of: int
    made_at: int  # wall clock
    interval: int  # what this worker needs between two refreshes, microseconds
    watermark: int | None  # greatest occurred_at applied
    complete: bool  # all that existed one refresh earlier has been read
    summary: bytes
    url: str = ""  # where the worker that made it answers, if others can reach it
    days: tuple[int, int] = (NEVER, EVER)  # which of its daily history hold, see `Holding`
    thresholds: tuple[Thresholds, ...] = ()  # of partition 0 alone: those that all go by, the newest last
    models: Models = Models()  # likewise


class Target(msgspec.Struct, array_like=True, frozen=True):
    """The instant at which every partition is to be evaluated next (event clock only)."""

    format: int
    as_of: int


encode = msgspec.msgpack.Encoder().encode
_envelope = msgspec.msgpack.Decoder(Envelope).decode
_target = msgspec.msgpack.Decoder(Target).decode
_any = msgspec.msgpack.Decoder(list[Any]).decode


def known_format(value: bytes) -> bool:
    """True when this program can read the row."""
    try:
        return bool(_any(value)[0] == FORMAT)
    except (msgspec.MsgspecError, IndexError):
        return False


def open_envelope(value: bytes) -> Envelope:
    """The envelope in a row of a known format."""
    return _envelope(value)


def open_target(value: bytes) -> Target:
    """The target in a row of a known format."""
    return _target(value)
