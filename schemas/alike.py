"""Many instants written alike, as those of one producer are: read in columns, in half of the time."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

FEWEST = 32
"""Of fewer texts each is read by itself in less time."""

_SEPARATORS = ((10, "T"), (13, ":"), (16, ":"))
_LATEST = np.array((23, 59, 59))
_MICROSECONDS = np.array((3_600_000_000, 60_000_000, 1_000_000, 1))


class _Shape(NamedTuple):
    """Where things stand in a text of some length, such as `2026-11-22T09:00:00.250Z`."""

    fixed: np.ndarray  # places of separators
    expected: np.ndarray  # what stands there
    digits: np.ndarray  # places of the digits of the time
    weights: np.ndarray  # of each digit in hour, minute, second, microsecond


def times_of_day(texts: Sequence[str]) -> np.ndarray | None:
    """Microseconds since midnight UTC of texts of one date, in `Z` and with up to six digits of a fraction.

    None where they are not written like that, or some are no instants. The date is not looked at.
    """
    count, length = len(texts), len(texts[0]) if texts else 0
    shape = _shape(length)
    if count < FEWEST or shape is None or set(map(len, texts)) != {length}:
        return None
    joined = "".join(texts)
    if not joined.isascii():
        return None
    letters = np.frombuffer(joined.encode(), np.uint8).reshape(count, length)
    if (letters[:, :10] != letters[0, :10]).any() or (letters[:, shape.fixed] != shape.expected).any():
        return None
    digits = letters[:, shape.digits] - ord("0")  # what stands before 0 becomes large
    if digits.max() > 9:
        return None
    parts = digits.astype(np.float64) @ shape.weights  # exact: all are far below 2 ** 53
    if (parts[:, :3].max(axis=0) > _LATEST).any():
        return None
    times: np.ndarray = (parts @ _MICROSECONDS).astype(np.int64)
    return times


@cache
def _shape(length: int) -> _Shape | None:
    fraction = length - len("2026-11-22T09:00:00.Z")
    if length != len("2026-11-22T09:00:00Z") and not 1 <= fraction <= 6:
        return None
    fixed = [*_SEPARATORS, (length - 1, "Z"), *([(19, ".")] if fraction > 0 else [])]
    digits = [11, 12, 14, 15, 17, 18, *range(20, 20 + max(fraction, 0))]
    weights = np.zeros((len(digits), 4))
    for place in range(len(digits)):
        if place < 6:
            weights[place, place // 2] = 1 if place % 2 else 10
        else:
            weights[place, 3] = 10 ** (11 - place)
    expected = np.array([ord(letter) for _, letter in fixed], np.uint8)
    return _Shape(np.array([place for place, _ in fixed]), expected, np.array(digits), weights)
