"""Lines of files: plain, gzip or zstandard, or standard input; told apart by their first bytes."""

import gzip
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import zstandard

from service.errors import UserError

STDIN = "-"
BLOCK = 1 << 20
GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class FileError(UserError):
    """A file cannot be read."""


class Line(NamedTuple):
    """One line without its end, and where it stands; numbers count from 1 in each file."""

    file: str
    number: int
    value: bytes


def require(files: Iterable[str]) -> None:
    """Make sure that all files can be opened, before much work is done; raises FileError."""
    for file in files:
        if file != STDIN:
            try:
                _opened(file).close()
            except OSError as error:
                raise _unreadable(file, error) from None


def read_lines(
    files: Iterable[str], limit: int, progress: Callable[[str, int], None] | None = None
) -> Iterator[Line]:
    """All lines of all files; see `read_batches`."""
    return chain.from_iterable(read_batches(files, limit, progress))


def read_batches(
    files: Iterable[str], limit: int, progress: Callable[[str, int], None] | None = None
) -> Iterator[list[Line]]:
    """All lines of all files, as many at once as there are; `-` is standard input.

    The line break at the end of a file begins no line.

    `limit`: a line longer than so many bytes is cut to one byte more, so that none can fill the memory.
    `progress`: called now and then with a file and how many of its bytes have been read.

    Raises:
        FileError: a file does not exist, cannot be read, or ends in the middle.
    """
    for file in files:
        number = 0
        for values in _split(_blocks(file, progress), limit):
            yield [Line(file, n, value) for n, value in enumerate(values, number + 1)]
            number += len(values)


def _split(blocks: Iterator[bytes], limit: int) -> Iterator[list[bytes]]:
    rest = b""
    for block in blocks:
        first, *others = block.split(b"\n")
        rest += first[: limit + 2]
        if others:
            yield [_whole(value, limit) for value in (rest, *others[:-1])]
            rest = others[-1]
        rest = rest[: limit + 2]
    if rest:
        yield [_whole(rest, limit)]


def _whole(value: bytes, limit: int) -> bytes:
    return value.removesuffix(b"\r")[: limit + 1]


def _blocks(file: str, progress: Callable[[str, int], None] | None) -> Iterator[bytes]:
    read = 0
    try:
        with _opened(file) as raw:
            for block in _decompressed(raw):
                yield block
                if progress is not None and (now := raw.tell() if raw.seekable() else 0) > read:
                    read = now
                    progress(file, read)
    except OSError as error:
        raise _unreadable(file, error) from None
    except (EOFError, zlib.error, zstandard.ZstdError) as error:
        raise FileError(f"{_named(file)} is damaged or ends in the middle: {error}") from None


def _opened(file: str) -> Any:
    if file == STDIN:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    return open(file, "rb")  # noqa: PTH123


def _decompressed(raw: Any) -> Iterator[bytes]:
    start = raw.peek(4)[:4]
    if start.startswith(GZIP):
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield from _read(unpacked)
    elif start == ZSTANDARD:
        yield from _unzstandard(raw)
    else:
        yield from _read(raw)


def _read(stream: Any) -> Iterator[bytes]:
    while block := stream.read1(BLOCK):  # what is there, so that a pipe's lines do not wait for more
        yield block


def _unzstandard(raw: Any) -> Iterator[bytes]:
    """Frame after frame; a reader of the library would take a file that ends in the middle for whole."""
    frame: Any = None
    packed = b""
    while packed or (packed := raw.read1(BLOCK >> 3)):
        frame = frame or zstandard.ZstdDecompressor().decompressobj()
        yield frame.decompress(packed)
        packed = b""
        if frame.eof:
            frame, packed = None, frame.unused_data
    if frame is not None:
        raise EOFError("the last frame is not complete")


def _unreadable(file: str, error: OSError) -> FileError:
    return FileError(f"{_named(file)} cannot be read: {error.strerror or error}")


def _named(file: str) -> str:
    return "standard input" if file == STDIN else file
