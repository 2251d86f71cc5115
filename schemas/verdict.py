"""The slow, exact judgement of a record: what is wrong with it, in the contract's order of checks.

Everything the compiled decoder refuses comes here, and the pydantic models have the last word. Details name the
field and what was expected, never the value.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from pydantic import ValidationError

from schemas import cloudevents
from schemas.cloudevents import Headers
from schemas.common import Event
from schemas.topics import MODELS, Kind, type_of

DEEPEST: Final = 500
"""Objects and arrays inside each other; what nests deeper is beyond what the decoder reads."""

_BY_TYPE: Final[Mapping[Kind, Mapping[str, type[Event]]]] = {
    kind: {type_of(model): model for model in models} for kind, models in MODELS.items()
}

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
_LONGEST_INTEGER: Final = 40


class Refused(Exception):  # noqa: N818 - a verdict on the record, not a failure of ours
    """The record cannot be used. `reason` is one of the contract's, `detail` says which field and what was expected."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def judge(kind: Kind, value: bytes, headers: Headers) -> Event:
    """The event of a record as its pydantic model, or Refused with the first reason that applies."""
    text, document = _read(value)
    if not isinstance(document, dict):
        raise Refused("invalid", "expected a JSON object")
    try:
        fields = cloudevents.unwrap(document, headers)
    except ValueError as error:
        raise Refused("invalid", str(error)) from None
    name = fields.get("type")
    if not isinstance(name, str) or not name:
        raise Refused("invalid", "type: expected a string that is not empty")
    model = _BY_TYPE[kind].get(name)
    if model is None:
        raise Refused("unknown_type", f"type: expected one of {', '.join(_BY_TYPE[kind])}")
    if _has_lone_surrogate(text):
        raise Refused("invalid", "expected Unicode text without lone surrogates in every string")
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise Refused("invalid", _sentence(error)) from None


def too_deep(value: bytes) -> bool:
    """Whether a JSON text nests deeper than `DEEPEST`. Cheap unless it has that many brackets."""
    if value.count(b"{") + value.count(b"[") <= DEEPEST:
        return False
    depth = deepest = 0
    for mark in _STRING.sub("", value.decode(errors="replace")):
        if mark in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "}]":
            depth -= 1
    return deepest > DEEPEST


def _read(value: bytes) -> tuple[str, Any]:
    if not value:
        raise Refused("not_json", "expected a JSON object, found an empty value")
    if too_deep(value):
        raise Refused("not_json", f"expected objects and arrays at most {DEEPEST} deep")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("not_json", f"expected UTF-8, which ends at byte {error.start}") from None
    try:
        return text, json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise Refused("not_json", f"expected JSON, which ends at character {error.pos}") from None
    except (ValueError, RecursionError):
        raise Refused("not_json", "expected JSON that the decoder can read") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError("JSON has no NaN and no Infinity")


def _integer(digits: str) -> int | float:
    """Integers that are far beyond every limit become floats: reading them exactly takes quadratic time."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _has_lone_surrogate(text: str) -> bool:
    return any(match.group(1) for match in _ESCAPE.finditer(text))


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=True)[0]
    where = ".".join(str(step) for step in first["loc"])
    what = _expected(first["type"], first["msg"], first["loc"])
    return f"{where}: {what}" if where else what


def _expected(kind: str, message: str, where: tuple[int | str, ...]) -> str:
    if kind == "missing":
        return "expected, and absent"
    if kind == "literal_error" and where[-1] == "currency":
        return "expected an ISO 4217 code with a minor unit"
    message = message.removeprefix("Value error, ").replace("Input should be", "expected")
    return message.replace("String should have", "expected").replace(" characters", " characters")
