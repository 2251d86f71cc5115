"""An event from a line of a file, where nothing but its `type` says which topic it belongs to."""

import re
from typing import NamedTuple

from schemas.decode import Decoder, Refused
from schemas.fast import Event
from schemas.topics import KIND_OF, MODELS, Kind

_TYPE = re.compile(rb'"type"\s*:\s*"([a-z_]+)\.')
_BY_PREFIX: dict[bytes, Kind] = {name.partition(".")[0].encode(): kind for name, kind in KIND_OF.items()}


class Found(NamedTuple):
    """An event and the topic it belongs to."""

    kind: Kind
    event: Event


class FileDecoder:
    """Decodes lines: what first looks like a type is a guess, the decoder of that topic the judge."""

    def __init__(self, limit: int) -> None:
        """`limit`: the longest value that is read, in bytes."""
        self._decoders = {kind: Decoder(kind, limit).one for kind in MODELS}

    def decode(self, value: bytes) -> Found:
        """The event, or Refused with the first of the contract's reasons that applies."""
        guess = _TYPE.search(value)
        likely = _BY_PREFIX.get(guess[1]) if guess else None
        if likely is not None:
            try:
                return Found(likely, self._decoders[likely](value, ()))
            except Refused as refused:
                if refused.reason != "unknown_type":
                    raise
        return self._any(value)

    def _any(self, value: bytes) -> Found:
        for kind, decode in self._decoders.items():
            try:
                return Found(kind, decode(value, ()))
            except Refused as refused:
                if refused.reason != "unknown_type":
                    raise
        raise Refused("unknown_type", f"type: expected one of {', '.join(KIND_OF)}")
