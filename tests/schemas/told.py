"""Events for examples, how they are written, and why one is refused."""

import json
from typing import Any

import pytest

from schemas.decode import LIMIT, Kind, Refused, decode

CUSTOMER = {"event_id": "e", "occurred_at": "2026-11-22T09:00:00Z", "customer_id": "c"}
EUR = {"minor": 1999, "currency": "EUR"}
PLACED = {"type": "order.placed", **CUSTOMER, "order_id": "o", "amount": EUR}
STARTED = {
    "type": "subscription.started",
    **CUSTOMER,
    "subscription_id": "s",
    "plan": "annual",
    "price": EUR,
    "interval": "year",
}
CHANGED = {"type": "subscription.changed", **CUSTOMER, "subscription_id": "s"}
SPEND = {"type": "spend.recorded", **CUSTOMER, "channel": "news", "amount": EUR}


def text(event: dict[str, Any], **changes: Any) -> bytes:
    """The event with these changes as JSON; Ellipsis takes a field away."""
    changed = {name: value for name, value in (event | changes).items() if value is not ...}
    return json.dumps(changed).encode()


def reason(value: bytes | None, kind: Kind = "orders", limit: int = LIMIT) -> str:
    with pytest.raises(Refused) as refused:
        decode(kind, value, limit=limit)
    return refused.value.reason
