"""JSON as RFC 8259 has it, strictly: UTF-8 without a byte order mark, no NaN, and only so deep.

Python's own parser reads it; here stands what that parser allows too much.
"""

import json
import re
from typing import Any, Final, NoReturn

import numpy as np

DEEPEST: Final = 500
"""Objects and arrays inside each other. A limit of ours, so that no decoder's stack decides on a record."""

_STEPS: Final = bytes({**dict.fromkeys(b"{[", 1), **dict.fromkeys(b"}]", 255)}.get(n, 0) for n in range(256))
"""What each byte does to the depth, as signed bytes."""

_LONGEST_INTEGER: Final = 40
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair
    r"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def read(value: bytes) -> tuple[str, Any]:
    """The text and the document of a JSON value; ValueError with a sentence if it is none.

    Of duplicate keys the last wins. Lone surrogates written as escapes pass; see `has_lone_surrogate`.
    """
    if not value:
        raise ValueError("expected JSON, found an empty value")
    if too_deep(value):
        raise ValueError(f"expected objects and arrays at most {DEEPEST} deep")
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"expected UTF-8, found something else at byte {error.start}") from None
    try:
        return text, json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise ValueError(f"expected JSON, found something else at character {error.pos}") from None


def too_deep(value: bytes) -> bool:
    """Whether a JSON text nests deeper than `DEEPEST`; cheap as long as it has fewer brackets than that."""
    if value.count(b"{") + value.count(b"[") <= DEEPEST:
        return False
    steps = np.frombuffer(_STRING.sub(b"", value).translate(_STEPS), "i1")
    return int(np.cumsum(steps, dtype="i4").max(initial=0)) > DEEPEST


def has_lone_surrogate(text: str) -> bool:
    """Whether a string or key of this JSON text has half of a surrogate pair: no Unicode character."""
    return "\\u" in text and any(escape["lone"] for escape in _ESCAPE.finditer(text))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError("expected JSON, which knows neither NaN nor Infinity")


def _integer(digits: str) -> int | float:
    """Far beyond every limit a float will do: reading a million digits exactly would take forever."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)
