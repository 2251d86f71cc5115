"""What subpulse writes beside a record that it refuses: the headers of its dead letter."""

from collections.abc import Mapping
from typing import Final

HEADERS: Final[Mapping[str, str]] = {
    "subpulse.key": "The original key; absent if the record had none.",
    "subpulse.reason": "The first of the contract's checks that failed.",
    "subpulse.detail": "Which field, and what was expected; never its value.",
    "subpulse.topic": "Where the record was read.",
    "subpulse.partition": "Its partition, as decimal digits.",
    "subpulse.offset": "Its offset, as decimal digits.",
    "subpulse.rejected_at": "When it was refused, RFC 3339.",
}
"""Name -> meaning, in the order in which they follow the record's own headers."""
