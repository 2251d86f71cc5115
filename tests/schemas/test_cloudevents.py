"""CloudEvents 1.0 on Kafka, in both modes: the data win, the attributes fill what they lack."""

import json
from typing import Any

import pytest

from schemas import fast
from schemas.decode import Decoder, Refused, decode

ORDER = {"customer_id": "c", "order_id": "o", "amount": {"minor": 1, "currency": "EUR"}}
INSTANT = 1_795_338_000_000_000
ATTRIBUTES = {
    "specversion": "1.0",
    "type": "order.placed",
    "source": "/shop",
    "id": "7",
    "time": "2026-11-22T09:00:00Z",
}
BINARY = [(f"ce_{name}", value.encode()) for name, value in ATTRIBUTES.items()]
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
PLACED = fast.OrderPlaced(
    event_id="/shop#7",
    occurred_at=INSTANT,
    customer_id="c",
    order_id="o",
    amount=fast.Money(minor=1, currency="EUR"),
)


def written(document: Any) -> bytes:
    return json.dumps(document).encode()


def refusal(value: bytes, headers: list[tuple[str, bytes]]) -> Refused:
    with pytest.raises(Refused) as refused:
        decode("orders", value, headers)
    return refused.value


def test_binary_mode_takes_type_time_source_and_id_from_the_headers() -> None:
    assert decode("orders", written(ORDER), BINARY) == PLACED
    assert decode("orders", written(ORDER), [("content-type", b"application/json"), *BINARY]) == PLACED


def test_structured_mode_takes_the_event_from_the_data_of_the_envelope() -> None:
    assert decode("orders", written(ATTRIBUTES | {"data": ORDER}), STRUCTURED) == PLACED


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/cloudevents+json",
        b"Application/CloudEvents+JSON;charset=utf-8",
        b" application/cloudevents+json ; x=y",
    ],
)
def test_the_content_type_may_have_parameters_and_any_case(content_type: bytes) -> None:
    headers = [("Content-Type", content_type)]
    assert decode("orders", written(ATTRIBUTES | {"data": ORDER}), headers) == PLACED


def test_fields_in_the_data_win() -> None:
    own = ORDER | {"type": "order.cancelled", "event_id": "e", "occurred_at": "1970-01-01T00:00:00Z"}
    expected = fast.OrderCancelled(event_id="e", occurred_at=0, customer_id="c", order_id="o")
    assert decode("orders", written(own), BINARY) == expected
    assert decode("orders", written(ATTRIBUTES | {"data": own}), STRUCTURED) == expected


def test_a_wrong_field_in_the_data_is_not_mended_by_the_attributes() -> None:
    assert refusal(written(ORDER | {"type": 5}), BINARY).reason == "invalid"
    assert refusal(written(ORDER | {"occurred_at": ""}), BINARY).detail.startswith("occurred_at:")
    assert refusal(written(ATTRIBUTES | {"data": ORDER | {"event_id": ""}}), STRUCTURED).reason == "invalid"


def test_null_in_the_data_is_absence() -> None:
    own = ORDER | {"type": None, "event_id": None, "occurred_at": None}
    assert decode("orders", written(own), BINARY) == PLACED


def test_attributes_fill_nothing_but_type_instant_and_identity() -> None:
    headers = [*BINARY, ("ce_customer_id", b"c"), ("ce_channel", b"news")]
    assert decode("orders", written(ORDER), headers) == PLACED
    without_customer = {name: value for name, value in ORDER.items() if name != "customer_id"}
    envelope = ATTRIBUTES | {"customer_id": "c", "data": without_customer}
    assert refusal(written(envelope), STRUCTURED).detail == "customer_id: expected, and absent"


def test_an_envelope_without_the_content_type_is_no_event() -> None:
    assert refusal(written(ATTRIBUTES | {"data": ORDER}), []).reason == "invalid"


def test_fields_beside_the_data_are_not_the_event() -> None:
    envelope = ATTRIBUTES | ORDER | {"event_id": "e", "occurred_at": ATTRIBUTES["time"]}
    assert decode("orders", written(envelope), []) == decode("orders", written(envelope | {"data": 5}), [])
    assert refusal(written(envelope), STRUCTURED).detail == "data: expected a JSON object"


@pytest.mark.parametrize("data", [None, "text", 5, [], [ORDER]])
def test_the_data_of_an_envelope_are_an_object(data: Any) -> None:
    assert refusal(written(ATTRIBUTES | {"data": data}), STRUCTURED).reason == "invalid"


def test_base64_is_refused_even_beside_data() -> None:
    envelope = ATTRIBUTES | {"data_base64": "e30="}
    assert refusal(written(envelope), STRUCTURED).reason == "invalid"
    assert refusal(written(envelope | {"data": ORDER}), STRUCTURED).detail.startswith("data_base64:")


@pytest.mark.parametrize("missing", ["ce_source", "ce_id"])
def test_an_identity_needs_source_and_id(missing: str) -> None:
    headers = [(name, value) for name, value in BINARY if name != missing]
    assert refusal(written(ORDER), headers).detail == "event_id: expected, and absent"


def test_an_identity_of_source_and_id_keeps_to_512_characters() -> None:
    at_most = [*BINARY[:3], ("ce_id", b"7" * 506), BINARY[4]]
    assert decode("orders", written(ORDER), at_most).event_id == "/shop#" + "7" * 506
    assert refusal(written(ORDER), [*BINARY[:3], ("ce_id", b"7" * 507), BINARY[4]]).reason == "invalid"


def test_the_time_of_an_attribute_obeys_the_same_rules() -> None:
    assert refusal(written(ORDER), [*BINARY[:4], ("ce_time", b"2026-11-22 09:00:00Z")]).reason == "invalid"
    fine = decode("orders", written(ORDER), [*BINARY[:4], ("ce_time", b"2026-11-22t10:00:00.0000009+01:00")])
    assert fine.occurred_at == INSTANT


def test_an_unknown_type_from_an_attribute_is_an_unknown_type() -> None:
    headers = [("ce_type", b"customer.erased"), *BINARY[2:]]
    assert refusal(written(ORDER), headers).reason == "unknown_type"
    assert refusal(written(ORDER), [("ce_type", b""), *BINARY[2:]]).reason == "invalid"
    assert refusal(written(ORDER), BINARY[2:]).reason == "invalid"


def test_another_version_of_cloudevents_is_refused() -> None:
    assert refusal(written(ORDER), [("ce_specversion", b"2.0"), *BINARY[1:]]).reason == "invalid"
    assert (
        refusal(written(ATTRIBUTES | {"specversion": "0.3", "data": ORDER}), STRUCTURED).reason == "invalid"
    )


def test_attributes_are_utf_8() -> None:
    assert refusal(written(ORDER), [("ce_id", b"\xff"), *BINARY]).detail == "header ce_id: expected UTF-8"
    assert (
        decode("orders", written(ORDER), [*BINARY[:3], ("ce_id", "ü".encode()), BINARY[4]]).event_id
        == "/shop#ü"
    )


def test_checks_come_in_the_same_order_as_without_an_envelope() -> None:
    structured = Decoder("orders", 100).one
    for value, reason in (
        (None, "tombstone"),
        (b"x" * 101, "too_large"),
        (b"", "not_json"),
        (b"[]", "invalid"),
    ):
        with pytest.raises(Refused) as refused:
            structured(value, STRUCTURED)
        assert refused.value.reason == reason


def test_a_lone_surrogate_in_the_envelope_makes_the_record_invalid() -> None:
    value = written(ATTRIBUTES | {"data": ORDER, "subject": "x"}).replace(b'"x"', b'"\\ud800"')
    assert refusal(value, STRUCTURED).reason == "invalid"


def test_other_headers_mean_nothing() -> None:
    whole = ORDER | {"type": "order.placed", "event_id": "/shop#7", "occurred_at": ATTRIBUTES["time"]}
    assert (
        decode("orders", written(whole), [("traceparent", b"\xff"), ("content-type", b"text/plain")])
        == PLACED
    )
