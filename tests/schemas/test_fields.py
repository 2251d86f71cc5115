"""The fields of events: which must be there, and what they may hold."""

import json
from typing import Any

import pytest

from schemas import fast
from schemas.decode import decode
from tests.schemas.told import CHANGED, CUSTOMER, EUR, PLACED, STARTED, reason, text


def test_an_order_becomes_a_struct_with_its_instant_in_microseconds() -> None:
    assert decode("orders", text(PLACED)) == fast.OrderPlaced(
        event_id="e",
        occurred_at=1_795_338_000_000_000,
        customer_id="c",
        order_id="o",
        amount=fast.Money(minor=1999, currency="EUR"),
    )


def test_interval_count_and_quantity_are_1_when_absent_or_null() -> None:
    for changes in ({}, {"interval_count": None, "quantity": None}):
        event = decode("subscriptions", text(STARTED, **changes))
        assert isinstance(event, fast.SubscriptionStarted)
        assert (event.interval_count, event.quantity, event.channel) == (1, 1, None)


@pytest.mark.parametrize("field", ["event_id", "occurred_at", "customer_id", "order_id", "amount"])
@pytest.mark.parametrize("wrong", [..., None, "", 5, []])
def test_a_required_field_must_be_there_and_right(field: str, wrong: Any) -> None:
    assert reason(text(PLACED, **{field: wrong})) == "invalid"


@pytest.mark.parametrize(
    "minor", ["1999.0", "1999.5", "1e3", '"1999"', "true", "null", "-1", str(2**53 + 1), "9" * 9_999]
)
def test_minor_units_are_an_integer_from_0_to_two_to_the_53(minor: str) -> None:
    assert reason(text(PLACED).replace(b"1999", minor.encode())) == "invalid"


@pytest.mark.parametrize("minor", ["0", "-0", str(2**53)])
def test_the_smallest_and_the_largest_amount_are_accepted(minor: str) -> None:
    event = decode("orders", text(PLACED).replace(b"1999", minor.encode()))
    assert isinstance(event, fast.OrderPlaced)
    assert event.amount.minor == int(minor)


@pytest.mark.parametrize("currency", ["XAU", "XXX", "XTS", "eur", "EURO", "", "€", 978, None])
def test_a_currency_is_an_iso_code_with_a_minor_unit(currency: Any) -> None:
    assert reason(text(PLACED, amount={"minor": 1, "currency": currency})) == "invalid"


@pytest.mark.parametrize(
    ("field", "longest"),
    [("event_id", 512), ("customer_id", 256), ("order_id", 256), ("subscription_id", 256), ("channel", 128)],
)
@pytest.mark.parametrize("character", ["x", "é", "🎈"])
def test_lengths_are_counted_in_code_points(field: str, longest: int, character: str) -> None:
    for ascii_only in (True, False):
        fits = json.dumps(PLACED | {field: character * longest}, ensure_ascii=ascii_only).encode()
        assert getattr(decode("orders", fits), field) == character * longest
        too_long = json.dumps(PLACED | {field: character * (longest + 1)}, ensure_ascii=ascii_only).encode()
        assert reason(too_long) == "invalid"


def test_items_are_in_the_currency_of_the_order() -> None:
    line = {"sku": "a", "quantity": 1, "amount": EUR}
    event = decode("orders", text(PLACED, items=[line, line]))
    assert isinstance(event, fast.OrderPlaced)
    assert event.items == [fast.Item(sku="a", quantity=1, amount=fast.Money(minor=1999, currency="EUR"))] * 2
    assert reason(text(PLACED, items=[line, line | {"amount": {"minor": 1, "currency": "USD"}}])) == "invalid"


@pytest.mark.parametrize(
    "line",
    [
        {"quantity": 1, "amount": EUR},
        {"sku": "", "quantity": 1, "amount": EUR},
        {"sku": "x" * 129, "quantity": 1, "amount": EUR},
        {"sku": "a", "quantity": 0, "amount": EUR},
        {"sku": "a", "quantity": 2**31, "amount": EUR},
        {"sku": "a", "quantity": True, "amount": EUR},
        {"sku": "a", "quantity": 1},
        "a",
        None,
    ],
)
def test_a_wrong_item_makes_the_order_invalid(line: Any) -> None:
    assert reason(text(PLACED, items=[line])) == "invalid"


@pytest.mark.parametrize("wrong", [{"interval": "monthly"}, {"interval": ...}, {"plan": ...}, {"price": 5}])
def test_a_subscription_starts_with_plan_price_and_interval(wrong: dict[str, Any]) -> None:
    assert reason(text(STARTED, **wrong), "subscriptions") == "invalid"


@pytest.mark.parametrize("field", ["interval_count", "quantity"])
@pytest.mark.parametrize("wrong", [0, -1, 1.0, True, "1", 2**31])
def test_counts_are_integers_within_their_limits(field: str, wrong: Any) -> None:
    assert reason(text(STARTED, **{field: wrong}), "subscriptions") == "invalid"
    assert reason(text(CHANGED, **{field: wrong}), "subscriptions") == "invalid"


def test_an_interval_count_is_at_most_1200() -> None:
    decode("subscriptions", text(STARTED, interval_count=1_200))
    assert reason(text(STARTED, interval_count=1_201), "subscriptions") == "invalid"


@pytest.mark.parametrize("event", [STARTED, CHANGED])
def test_price_times_quantity_is_at_most_two_to_the_53(event: dict[str, Any]) -> None:
    price = {"minor": 2**52, "currency": "EUR"}
    decode("subscriptions", text(event, price=price, quantity=2))
    assert reason(text(event, price=price, quantity=3), "subscriptions") == "invalid"


def test_a_change_changes_something() -> None:
    assert reason(text(CHANGED), "subscriptions") == "invalid"
    assert reason(text(CHANGED, plan=None, price=None), "subscriptions") == "invalid"
    for term in ({"plan": "p"}, {"price": EUR}, {"interval": "day"}, {"interval_count": 2}, {"quantity": 2}):
        decode("subscriptions", text(CHANGED, **term))


@pytest.mark.parametrize("word", ["erased", "Requested", "", "x", 5])
def test_reasons_are_those_of_the_contract_and_erased_is_not_for_producers(word: Any) -> None:
    ended = {"type": "subscription.ended", **CUSTOMER, "subscription_id": "s"}
    decode("subscriptions", text(ended, reason="requested"))
    assert reason(text(ended, reason=word), "subscriptions") == "invalid"
