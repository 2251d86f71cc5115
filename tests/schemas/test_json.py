"""JSON, strictly: what is read, what is ignored, and what is invalid wherever it stands."""

import pytest

from schemas import fast
from schemas.decode import decode, type_name
from tests.schemas.told import PLACED, reason, text


def test_brackets_inside_strings_do_not_nest() -> None:
    assert decode("orders", text(PLACED, x='\\"' + "[" * 2_000)) == decode("orders", text(PLACED))


def test_five_hundred_levels_are_read() -> None:
    deep = text(PLACED)[:-1] + b',"x":' + b"[" * 499 + b"]" * 499 + b"}"
    assert decode("orders", deep) == decode("orders", text(PLACED))


@pytest.mark.parametrize(
    "field",
    [
        '"customer_id":"\\ud800"',
        '"x":"\\uDBFF"',
        '"x":"\\udc00\\ud800"',
        '"\\ud83d":1',
        '"x":[{"a":"b\\\\\\ud800"}]',
    ],
)
def test_half_of_a_surrogate_pair_is_invalid_anywhere(field: str) -> None:
    assert reason(text(PLACED)[:-1] + b"," + field.encode() + b"}") == "invalid"


def test_half_of_a_surrogate_pair_is_invalid_even_where_a_later_duplicate_hides_it() -> None:
    assert reason(b'{"customer_id":"\\ud800",' + text(PLACED)[1:]) == "invalid"


def test_a_whole_pair_and_an_escaped_backslash_are_no_lone_surrogate() -> None:
    value = text(PLACED)[:-1] + b',"channel":"\\ud83c\\udf88","x":"\\\\ud800"}'
    event = decode("orders", value)
    assert isinstance(event, fast.OrderPlaced)
    assert event.channel == "🎈"


def test_of_duplicate_keys_the_last_wins_also_of_the_type() -> None:
    twice = text(PLACED)[:-1] + b',"order_id":"p","amount":{"minor":1,"minor":2,"currency":"USD"}}'
    event = decode("orders", twice)
    assert isinstance(event, fast.OrderPlaced)
    assert (event.order_id, event.amount) == ("p", fast.Money(minor=2, currency="USD"))
    assert type_name(decode("orders", text(PLACED)[:-1] + b',"type":"order.cancelled"}')) == "order.cancelled"
    assert reason(text(PLACED)[:-1] + b',"type":"order.lost"}') == "unknown_type"
    assert reason(text(PLACED)[:-1] + b',"type":null}') == "invalid"
    assert type_name(decode("orders", b'{"type":5,"amount":[],' + text(PLACED)[1:])) == "order.placed"
    assert reason(text(PLACED)[:-1] + b',"order_id":null}') == "invalid"


def test_unknown_fields_are_ignored_whatever_they_hold() -> None:
    extra = b',"x":{"y":[1e999,-0.0,' + b"9" * 5_000 + b',"\\u0000",{}]}}'
    assert decode("orders", text(PLACED)[:-1] + extra) == decode("orders", text(PLACED))
