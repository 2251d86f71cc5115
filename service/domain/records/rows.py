"""Fixed-size rows: packed one by one as events arrive, read back as numpy columns from the same bytes."""

import struct
from collections.abc import Sequence

import numpy as np

from service.domain.records.identity import SIZE

ORDER = np.dtype([("id", "<u8"), ("at", "<i8"), ("minor", "<i8"), ("currency", "<u2")])
REFUND = np.dtype([("event", "<u8"), ("order", "<u8"), ("at", "<i8"), ("minor", "<i8"), ("currency", "<u2")])
CANCELLATION = np.dtype([("event", "<u8"), ("order", "<u8"), ("at", "<i8")])
CONTACT = np.dtype([("event", "<u8"), ("at", "<i8"), ("kind", "u1")])
SKU = np.dtype([("sku", "<u8"), ("at", "<i8")])
CREDIT = np.dtype([("token", "<u8"), ("at", "<i8")])
SPEND = np.dtype([("event", "<u8"), ("at", "<i8"), ("minor", "<i8"), ("currency", "<u2")])

SIGN_UP, INVITATION = 1, 2

_AMOUNT = struct.Struct("<qqH")
_INSTANT = struct.Struct("<q")
_CONTACT = struct.Struct("<qB")
_CREDIT = struct.Struct("<8sq")

_LETTERS = 26
CURRENCIES = _LETTERS**3  # more than any number of a currency


def currency_number(code: str) -> int:
    """A currency code (three capitals) as a number below 26 ** 3, so that it fits into two bytes."""
    first, second, third = code.encode()
    return ((first - 65) * _LETTERS + second - 65) * _LETTERS + third - 65


def currency_code(number: int) -> str:
    """The inverse of `currency_number`."""
    rest, third = divmod(int(number), _LETTERS)
    first, second = divmod(rest, _LETTERS)
    return chr(65 + first) + chr(65 + second) + chr(65 + third)


class _Numbers(dict[str, int]):
    """Numbers of currencies, found out once each."""

    def __missing__(self, code: str) -> int:
        number = self[code] = currency_number(code)
        return number


NUMBERS = _Numbers()

order_row = struct.Struct("<8sqqH").pack
"""A row of ORDER: identity, instant, minor amount, currency's number (from NUMBERS)."""


credit_row = _CREDIT.pack
"""A row of CREDIT: token, instant."""
each_credit = _CREDIT.iter_unpack
"""Token and instant of each row of CREDIT."""


def amount_row(ids: bytes, at: int, minor: int, currency: str) -> bytes:
    """A row of ORDER or SPEND (`ids` is one identity) or of REFUND (`ids` is the event's and the order's)."""
    return ids + _AMOUNT.pack(at, minor, NUMBERS[currency])


def cancellation_row(ids: bytes, at: int) -> bytes:
    """A row of CANCELLATION."""
    return ids + _INSTANT.pack(at)


def contact_row(event: bytes, at: int, kind: int) -> bytes:
    """A row of CONTACT."""
    return event + _CONTACT.pack(at, kind)


def find(log: bytes | bytearray, key: bytes, size: int) -> int:
    """Where in `log`, rows of `size` bytes, the row that begins with `key` starts; -1 if there is none."""
    position = log.find(key)
    while position > 0 and position % size:
        position = log.find(key, position + 1)
    return position


def amount_at(log: bytes | bytearray, position: int) -> tuple[int, int, int]:
    """Instant, minor amount and currency number of the ORDER row at `position`."""
    at, minor, currency = _AMOUNT.unpack_from(log, position + SIZE)
    return at, minor, currency


def columns(log: bytes | bytearray, dtype: np.dtype[np.void]) -> np.ndarray:
    """The rows of `log` as a structured array that shares its memory."""
    return np.frombuffer(log, dtype)


def joined(logs: Sequence[bytes | bytearray], dtype: np.dtype[np.void]) -> tuple[np.ndarray, np.ndarray]:
    """All rows of all logs, and how many each log has."""
    counts = np.fromiter((len(log) for log in logs), "i8", len(logs)) // dtype.itemsize
    return columns(b"".join(logs), dtype), counts
