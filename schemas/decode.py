"""From the bytes of a record to an event: fast for what is right, exact about what is wrong.

A compiled decoder takes nearly all records. It never accepts what the models refuse; what it refuses is judged by
`schemas.verdict`, whose word counts.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, Union

import msgspec

from schemas import cloudevents, fast
from schemas.cloudevents import Headers
from schemas.compiled import dec_hook, struct_of
from schemas.fast import Event
from schemas.topics import MODELS, Kind, type_of
from schemas.verdict import DEEPEST, Refused, judge, too_deep

__all__ = ["LIMIT", "TOPICS", "Decode", "Refused", "decode", "decoder", "key_of", "type_name"]

LIMIT: Final = 262_144
"""The longest value that is read, in bytes, unless a setting says otherwise."""

TOPICS: Final[dict[Kind, tuple[type[Event], ...]]] = {
    kind: tuple(fast.STRUCTS[model] for model in models) for kind, models in MODELS.items()
}
"""The events of each topic, as the structs that decoding returns."""

Decode = Callable[[bytes | None, Headers], Event]

_TYPE_NAMES: Final = {fast.STRUCTS[model]: type_of(model) for models in MODELS.values() for model in models}
_NEVER_TOO_DEEP: Final = 2 * DEEPEST


def decoder(kind: Kind, limit: int = LIMIT) -> Decode:
    """The function that decodes the records of a topic: `(value, headers) -> event`, or Refused."""
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
                    value.decode()
                if size <= _NEVER_TOO_DEEP or not too_deep(value):
                    return read(value)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
        event: Event = struct_of(judge(kind, value, headers), fast.STRUCTS)
        return event

    return decode


def decode(
    topic: Kind, value: bytes | None, headers: Sequence[tuple[str, bytes]] = (), limit: int = LIMIT
) -> Event:
    """The event in a record of a topic, or Refused with the first of the contract's reasons that applies."""
    return decoder(topic, limit)(value, headers)


def key_of(event: Event) -> bytes:
    """The key its record must have: the customer, or the channel of a spend."""
    key: str = event.channel if isinstance(event, fast.SpendRecorded) else event.customer_id  # type: ignore[attr-defined]
    return key.encode()


def type_name(event: Event) -> str:
    """What the event is called on the wire, such as `order.placed`."""
    return _TYPE_NAMES[type(event)]


@cache
def _compiled(kind: Kind) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(Union[TOPICS[kind]], dec_hook=dec_hook).decode
