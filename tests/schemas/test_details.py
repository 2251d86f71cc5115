"""Details: sentences for a person, which never tell what the record holds."""

from typing import Any

import pytest

from schemas.decode import Refused, decode
from tests.schemas.told import EUR, PLACED, STARTED, text


def test_a_detail_names_the_field_and_what_was_expected_but_never_the_value() -> None:
    secret = "s3cret"
    for kind, value in (
        ("orders", text(PLACED, occurred_at=secret)),
        ("orders", text(PLACED, amount={"minor": 1, "currency": secret})),
        ("orders", text(PLACED, customer_id=secret * 99)),
        ("orders", text(PLACED, type=secret)),
        ("subscriptions", text(STARTED, interval=secret)),
        ("orders", secret.encode()),
        ("orders", b'"' + secret.encode() + b"\xff"),
    ):
        with pytest.raises(Refused) as refused:
            decode(kind, value)  # type: ignore[arg-type]
        assert secret not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"order_id": ...}, "order_id: expected, and absent"),
        ({"order_id": ""}, "order_id: expected at least 1 character"),
        ({"order_id": 5}, "order_id: expected a string"),
        ({"channel": "x" * 129}, "channel: expected at most 128 characters"),
        ({"amount": []}, "amount: expected an object"),
        ({"items": {}}, "items: expected an array"),
        ({"items": [{"sku": "a", "quantity": 1.0, "amount": EUR}]}, "items.0.quantity: expected an integer"),
        ({"amount": {"minor": -1, "currency": "EUR"}}, "amount.minor: expected at least 0"),
        ({"amount": {"minor": 2**60, "currency": "EUR"}}, "amount.minor: expected at most 9007199254740992"),
        (
            {"amount": {"minor": 1, "currency": "X"}},
            "amount.currency: expected an ISO 4217 code with a minor unit",
        ),
    ],
)
def test_a_detail_is_a_sentence_for_a_person(changes: dict[str, Any], detail: str) -> None:
    with pytest.raises(Refused) as refused:
        decode("orders", text(PLACED, **changes))
    assert refused.value.detail == detail
