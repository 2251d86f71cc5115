"""From the bytes of a record to an event: fast for what is right, exact about what is wrong.

A compiled decoder takes nearly all records and never accepts what the models refuse; what it refuses is
judged by `schemas.verdict`, whose word counts.
"""

from collections.abc import Callable
from functools import cache, reduce
from operator import or_
from typing import Any, Final

import msgspec

from schemas import cloudevents, fast, strict_json
from schemas.cloudevents import Headers
from schemas.compiled import dec_hook, struct_of
from schemas.fast import Event
from schemas.topics import KEY_FIELD, MODELS, Kind, type_of
from schemas.verdict import Refused, judge

__all__ = ["LIMIT", "TOPICS", "Decode", "Refused", "decode", "decoder", "key_of", "type_name"]

LIMIT: Final = 262_144
"""The longest value that is read, in bytes, unless a setting says otherwise."""

TOPICS: Final[dict[Kind, tuple[Any, ...]]] = {
    kind: tuple(fast.STRUCTS[model] for model in models) for kind, models in MODELS.items()
}
"""The events of each topic, as the structs that decoding returns."""

Decode = Callable[[bytes | None, Headers], Event]

_TYPE_NAMES: Final[dict[type[Any], str]] = {
    fast.STRUCTS[model]: type_of(model) for models in MODELS.values() for model in models
}
_KEY_FIELDS: Final = {struct: KEY_FIELD[kind] for kind, structs in TOPICS.items() for struct in structs}
_NEVER_TOO_DEEP: Final = 2 * strict_json.DEEPEST
"""A JSON text of so many bytes has not enough of them to open and close more than `DEEPEST` brackets."""


def decoder(kind: Kind, limit: int = LIMIT) -> Decode:
    """The function `(value, headers) -> event` for the records of a topic; it raises Refused."""
    read = _compiled(kind)

    def decode(value: bytes | None, headers: Headers = ()) -> Event:
        if value is None:
            raise Refused("tombstone", "expected an event, found no value")
        size = len(value)
        if size > limit:
            raise Refused("too_large", f"expected at most {limit} bytes")
        if not headers or not cloudevents.is_structured(headers):
            try:
                if not value.isascii():
                    value.decode()  # msgspec does not look at the text of fields it ignores
                if size <= _NEVER_TOO_DEEP or not strict_json.too_deep(value):
                    return read(value)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
        event: Event = struct_of(judge(kind, value, headers), fast.STRUCTS)
        return event

    return decode


def decode(topic: Kind, value: bytes | None, headers: Headers = (), limit: int = LIMIT) -> Event:
    """The event in a record of a topic, or Refused with the first of the contract's reasons that applies."""
    return decoder(topic, limit)(value, headers)


def key_of(event: Event) -> bytes:
    """The key that the event's record must have: the customer, or the channel of a spend."""
    key: str = getattr(event, _KEY_FIELDS[type(event)])
    return key.encode()


def type_name(event: Event) -> str:
    """What the event is called on the wire, such as `order.placed`."""
    return _TYPE_NAMES[type(event)]


class _Nothing(msgspec.Struct, tag="", tag_field="type"):
    """No event. With it each topic has two types or more, and only then does msgspec insist on a `type`."""

    def __post_init__(self) -> None:
        raise ValueError("type: expected a string that is not empty")


@cache
def _compiled(kind: Kind) -> Callable[[bytes], Event]:
    types: Any = reduce(or_, (*TOPICS[kind], _Nothing))
    read: Callable[[bytes], Event] = msgspec.json.Decoder(types, dec_hook=dec_hook).decode
    return read
