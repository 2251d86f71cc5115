"""Where a story goes: lines of a file or of standard output, or the topics of Kafka."""

import gzip
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Protocol

import msgspec
import zstandard

from service.errors import UserError
from service.simulation.world import Event
from service.telling.publishing import Publisher
from service.telling.sending import send

STDOUT = "-"


class Outlet(Protocol):
    """Takes events; when `tell` has returned they are out of our hands."""

    async def tell(self, events: Iterable[Event]) -> int:
        """Pass events on and return their number."""


class Lines:
    """One JSON object a line."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._encode = msgspec.json.Encoder().encode

    async def tell(self, events: Iterable[Event]) -> int:
        """Write events; whoever reads along has them when this returns, unless they are being compressed."""
        count = 0
        for event in events:
            self._stream.write(self._encode(event) + b"\n")
            count += 1
        self._stream.flush()
        return count


class Topics:
    """The four topics of the contract."""

    def __init__(self, publisher: Publisher, topics: Mapping[str, str]) -> None:
        """`topics`: kind, as in the contract, to the topic's name."""
        self._publisher, self._topics = publisher, topics

    async def tell(self, events: Iterable[Event]) -> int:
        """Send events and wait until the broker has them; raises KafkaError."""
        return await send(self._publisher, self._topics, events)


@contextmanager
def lines_to(file: str) -> Iterator[Lines]:
    """Lines of a new file, compressed if its name ends in .gz or .zst; `-` is standard output.

    Raises:
        UserError: the file cannot be written.
    """
    if file == STDOUT:
        yield Lines(sys.stdout.buffer)
        return
    try:
        stream = _opened(file)
    except OSError as error:
        raise UserError(f"--output {file} cannot be written: {error.strerror}") from None
    with stream:
        yield Lines(stream)


def _opened(file: str) -> IO[bytes]:
    if file.endswith(".gz"):
        return gzip.open(file, "wb", compresslevel=6)  # type: ignore[return-value]
    raw = open(file, "wb")  # noqa: PTH123, SIM115
    return zstandard.ZstdCompressor().stream_writer(raw) if file.endswith(".zst") else raw
