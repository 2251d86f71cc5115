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
from service.domain.insights.findings import CHURN, GONE, WIRE, Details, Finding, Matter, Move
from service.domain.metrics.thresholds import Thresholds

ID_BYTES = 16
_INSTANTS = ("ends_at", "last_order_at")


class Insight(NamedTuple):
    """Something said: its event_id, its type, and the JSON of the event."""

    event_id: str
    kind: str
    value: bytes


def identity(customer_id: str, finding: Finding, corrects: bytes) -> bytes:
    """What an insight is known by: customer, matter, what of it, and instant; and what was said before and is
    corrected, if anything."""
    text = f"{finding.matter}:{finding.value}:{finding.at}:{corrects.hex()}:{customer_id}"
    return blake2b(text.encode(), digest_size=ID_BYTES).digest()


def worded(customer_id: str, finding: Finding, event_id: bytes, corrects: bytes, as_of: int) -> Insight:
    """The event; `corrects`: the event_id of what was said before, or nothing."""
    model, told = _begun(finding)
    event: dict[str, Any] = {
        "type": type_of(model),
        "event_id": event_id.hex(),
        "occurred_at": format_instant(finding.at),
        "customer_id": customer_id,
        "as_of": format_instant(as_of),
        **({"corrects": corrects.hex()} if corrects else {}),
        **told,
        **_detailed(finding.details),
    }
    value = model.model_validate(event).model_dump_json(exclude_none=True)
    return Insight(event_id.hex(), event["type"], value.encode())


def _begun(finding: Finding) -> tuple[type[Model], dict[str, str]]:
    """The model of the event, and what it says in whatever case."""
    if finding.matter is Matter.SEGMENT:
        return SegmentChanged, {}
    if finding.matter not in CHURN:
        return CustomerAtRisk, {"reason": WIRE[finding.matter]}
    model = CustomerChurned if finding.value == GONE else CustomerReactivated
    return model, {"basis": WIRE[finding.matter]}


def _detailed(details: Details | None) -> dict[str, Any]:
    if details is None:
        return {}
    if isinstance(details, Move):
        return {**details._asdict(), "thresholds": _bordered(details.thresholds)}
    fields = {name: value for name, value in details._asdict().items() if value is not None}
    return {name: format_instant(v) if name in _INSTANTS else v for name, v in fields.items()}


def _bordered(thresholds: Thresholds) -> dict[str, Any]:
    return {
        "made_at": format_instant(thresholds.made_at),
        "as_of": format_instant(thresholds.as_of),
        "recency": tuple(-border for border in thresholds.recency),
        "frequency": thresholds.frequency,
    }
