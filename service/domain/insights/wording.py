"""Insights as the contract has them (`schemas.insights`)."""

from hashlib import blake2b
from typing import Any, NamedTuple

from schemas.insights import (
    CustomerAtRisk,
    CustomerChurned,
    CustomerReactivated,
    SegmentChanged,
)
from schemas.insights import Insight as Model
from schemas.instants import format_instant
from schemas.topics import type_of
from service.domain.insights.findings import CHURN, Finding, Matter

ID_BYTES = 16
_INSTANTS = ("ends_at", "last_order_at")


class Insight(NamedTuple):
    """Something said: its event_id, its type, and the JSON of the event."""

    event_id: str
    kind: str
    value: bytes


def identity(customer_id: str, finding: Finding, corrects: bytes) -> bytes:
    """What an insight is known by: customer, matter, what of it, and instant; and what was
    said before and is corrected, if anything."""
    text = f"{finding.matter}:{finding.value}:{finding.at}:{corrects.hex()}:{customer_id}"
    return blake2b(text.encode(), digest_size=ID_BYTES).digest()


def worded(customer_id: str, finding: Finding, event_id: bytes, corrects: bytes, as_of: int) -> Insight:
    """The event; `corrects`: the event_id of what was said before, or nothing."""
    model = _model(finding)
    told = {k: format_instant(v) if k in _INSTANTS else v for k, v in finding.told.items() if v is not None}
    event: dict[str, Any] = {
        "type": type_of(model),
        "event_id": event_id.hex(),
        "occurred_at": format_instant(finding.at),
        "customer_id": customer_id,
        "as_of": format_instant(as_of),
        **({"corrects": corrects.hex()} if corrects else {}),
        **told,
    }
    value = model.model_validate(event).model_dump_json(exclude_none=True)
    return Insight(event_id.hex(), event["type"], value.encode())


def _model(finding: Finding) -> type[Model]:
    if finding.matter in CHURN:
        return CustomerChurned if finding.value else CustomerReactivated
    return SegmentChanged if finding.matter is Matter.SEGMENT else CustomerAtRisk
