"""Which topic a line belongs to, and which reason a bad one gets."""

import json
import random

import pytest

from schemas.decode import LIMIT, Refused, decode
from service.replay import FileDecoder
from tests.oracle.businesses import business

KINDS = {"order": "orders", "subscription": "subscriptions", "customer": "customers", "spend": "marketing"}
CANCELLED = {
    "type": "order.cancelled",
    "event_id": "e",
    "occurred_at": "2026-01-01T00:00:00Z",
    "customer_id": "c",
    "order_id": "o",
}


def reason_of(value: bytes) -> str:
    with pytest.raises(Refused) as refused:
        FileDecoder(LIMIT).decode(value)
    return refused.value.reason


def test_every_event_is_found_as_the_decoder_of_its_topic_finds_it() -> None:
    decoder = FileDecoder(LIMIT)
    for raw in business(3, 1_780_000_000_000_000, customers=40, erasures=0.3):
        value, kind = json.dumps(raw).encode(), KINDS[raw["type"].partition(".")[0]]
        found = decoder.decode(value)
        assert found.kind == kind
        assert found.event == decode(kind, value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "not_json"),
        (b"   ", "not_json"),
        (b"{", "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"type":"order.placed"' + b" " * LIMIT, "too_large"),
        (b"[]", "invalid"),
        (b"{}", "invalid"),
        (b'{"type":7}', "invalid"),
        (b'{"type":"order.placed"}', "invalid"),
        (b'{"type":"order.melted"}', "unknown_type"),
        (b'{"type":"parcel.sent"}', "unknown_type"),
        (b'{"note":{"type":"order.placed"},"type":"parcel.sent"}', "unknown_type"),
        (b'{"type":"order.placed","type":"parcel.sent"}', "unknown_type"),
    ],
)
def test_a_bad_line_has_the_first_reason_that_applies(value: bytes, reason: str) -> None:
    assert reason_of(value) == reason


@pytest.mark.parametrize(
    "misleading", ["spend.recorded", "customer.erased", "parcel.sent", 'order.placed", "']
)
def test_a_type_inside_another_field_misleads_nobody(misleading: str) -> None:
    value = json.dumps({"note": {"type": misleading}, **CANCELLED}).encode()
    assert FileDecoder(LIMIT).decode(value).kind == "orders"


def test_a_type_written_with_escapes_is_found() -> None:
    value = json.dumps(CANCELLED).replace("order.cancelled", "\\u006frder.cancelled").encode()
    assert FileDecoder(LIMIT).decode(value).kind == "orders"


def test_the_order_of_keys_and_blanks_make_no_difference() -> None:
    rng = random.Random(1)
    for _ in range(50):
        shuffled = dict(rng.sample(list(CANCELLED.items()), len(CANCELLED)))
        value = json.dumps(shuffled, indent=rng.choice([None, 1]), separators=(" , ", " : ")).encode()
        assert FileDecoder(LIMIT).decode(value).event.order_id == "o"
