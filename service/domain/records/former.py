"""Rows of the format before this one, read as if this one had written them: an upgrade needs no step.

Each record goes over to the present format when it is written next. What has changed since format 2: a record
tells of one erasure, and is a surrogate's then.
"""

from typing import Any

import msgspec

from service.domain.records.customer import Customer

VERSION = 2
_ERASED_AT = Customer.__struct_fields__.index("erased_at")

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode


class NamedErasureError(ValueError):
    """A record of somebody erased still has its name: only reading the sources again can take that away."""


def customer(body: bytes) -> bytes:
    """The scalars and tails of a customer as the present format has them; raises NamedErasureError."""
    fields = _decode(body)
    if fields[_ERASED_AT]:
        raise NamedErasureError("the record of an erased customer still has its name")
    return _encode([*fields[:_ERASED_AT], None])
