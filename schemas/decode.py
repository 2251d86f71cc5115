"""From the bytes of a record to an event: fast for what is right, exact about what is wrong.

A compiled decoder takes nearly all records and never accepts what the models refuse; what it refuses is
judged by `schemas.verdict`, whose word counts.
"""

from collections.abc import Callable, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any, Final, cast

import msgspec

from schemas import fast, strict_json
from schemas.cloudevents import Headers, is_structured
from schemas.compiled import struct_of
from schemas.fast import Event
from schemas.instants import parse_instant, parse_instants
from schemas.topics import KEY_FIELD, MODELS, Kind, type_of
from schemas.verdict import Refused, judge

__all__ = ["LIMIT", "TOPICS", "Decoder", "Refused", "decode", "key_of", "type_name"]

LIMIT: Final = 262_144
"""The longest value that is read, in bytes, unless a setting says otherwise."""

TOPICS: Final[dict[Kind, tuple[Any, ...]]] = {
    kind: tuple(fast.STRUCTS[model] for model in models) for kind, models in MODELS.items()
}
"""The events of each topic, as the structs that decoding returns."""

_TYPE_NAMES: Final[dict[type[Any], str]] = {
    fast.STRUCTS[model]: type_of(model) for models in MODELS.values() for model in models
}
_KEY_FIELDS: Final = {struct: KEY_FIELD[kind] for kind, structs in TOPICS.items() for struct in structs}
_OTHER_INSTANTS: Final[dict[type[Any], tuple[str, ...]]] = {
    struct: others
    for structs in TOPICS.values()
    for struct in structs
    if (others := tuple(name for name in struct.__instants__ if name != "occurred_at"))
}
_NEVER_TOO_DEEP: Final = 2 * strict_json.DEEPEST
"""A JSON text of so many bytes has not enough of them to open and close more than `DEEPEST` brackets."""


class Decoder:
    """Decodes the records of one topic."""

    def __init__(self, kind: Kind, limit: int = LIMIT) -> None:
        """`limit`: the longest value that is read, in bytes."""
        self._kind, self._limit = kind, limit
        self._plain = min(limit, _NEVER_TOO_DEEP)
        self._read = _compiled(kind)

    def many(self, values: Sequence[bytes | None], headers: Sequence[Headers]) -> list[Event] | None:
        """The events of many records at once, or None when one of them needs a closer look: `one`."""
        if None in values or (any(headers) and any(map(is_structured, headers))):
            return None
        try:
            texts = cast(Sequence[bytes], values)
            text = b"\n".join(texts)
            if not text.isascii():
                text.decode()  # msgspec does not look at the text of fields it ignores
            if max(map(len, texts)) > self._plain and not all(map(self._bounded, texts)):
                return None
            events = list(map(self._read, texts))
            _read_instants(events)
        except (msgspec.DecodeError, RecursionError, ValueError):
            return None
        return events

    def _bounded(self, value: bytes) -> bool:
        return len(value) <= self._limit and not strict_json.too_deep(value)

    def one(self, value: bytes | None, headers: Headers = ()) -> Event:
        """The event in a record, or Refused with the first of the contract's reasons that applies."""
        if value is None:
            raise Refused("tombstone", "expected an event, found no value")
        if len(value) > self._limit:
            raise Refused("too_large", f"expected at most {self._limit} bytes")
        if (events := self.many([value], [headers])) is not None:
            return events[0]
        event: Event = struct_of(judge(self._kind, value, headers), fast.STRUCTS)
        return event


def decode(topic: Kind, value: bytes | None, headers: Headers = (), limit: int = LIMIT) -> Event:
    """The event in a record of a topic, or Refused with the first of the contract's reasons that applies."""
    return Decoder(topic, limit).one(value, headers)


def key_of(event: Event) -> bytes:
    """The key that the event's record must have: the customer, or the channel of a spend."""
    key: str = getattr(event, _KEY_FIELDS[type(event)])
    return key.encode()


def type_name(event: Event) -> str:
    """What the event is called on the wire, such as `order.placed`."""
    return _TYPE_NAMES[type(event)]


def _read_instants(events: list[Any]) -> None:
    """Put instants in the place of the texts that the compiled decoder left."""
    instants = parse_instants([event.occurred_at for event in events])
    for event, instant in zip(events, instants, strict=True):
        event.occurred_at = instant
    if not _OTHER_INSTANTS.keys().isdisjoint(map(type, events)):
        for event in events:
            for name in _OTHER_INSTANTS.get(type(event), ()):
                if (text := getattr(event, name)) is not None:
                    setattr(event, name, parse_instant(text))


class _Nothing(msgspec.Struct, tag="", tag_field="type"):
    """No event. With it each topic has two types or more, and only then does msgspec insist on a `type`."""

    def __post_init__(self) -> None:
        raise ValueError("type: expected a string that is not empty")


@cache
def _compiled(kind: Kind) -> Callable[[bytes], Event]:
    types: Any = reduce(or_, (*TOPICS[kind], _Nothing))
    read: Callable[[bytes], Event] = msgspec.json.Decoder(types).decode
    return read
