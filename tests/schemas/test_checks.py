"""The checks of a record, in the contract's order."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from schemas.decode import LIMIT, TOPICS, Decoder, Kind, Refused, decode, key_of, type_name
from schemas.verdict import REASONS
from tests.schemas.events import TYPES
from tests.schemas.told import PLACED, SPEND, STARTED, reason, text


def test_topics_hold_the_events_of_the_contract_and_no_others() -> None:
    names = {kind: tuple(type_name_of(struct) for struct in structs) for kind, structs in TOPICS.items()}
    assert names == TYPES


def type_name_of(struct: Any) -> str:
    name: str = struct.__struct_config__.tag
    return name


def test_the_key_is_the_customer_or_the_channel_of_a_spend() -> None:
    assert key_of(decode("orders", text(PLACED, customer_id="Zoë "))) == "Zoë ".encode()
    assert key_of(decode("marketing", text(SPEND))) == b"news"
    assert type_name(decode("marketing", text(SPEND))) == "spend.recorded"


def test_the_reasons_are_those_of_the_contract_in_its_order() -> None:
    contract = (Path(__file__).parents[2] / "docs/contract.md").read_text("utf-8")
    checks = contract.partition("Checks in this order")[2].partition("One bad record")[0]
    assert tuple(dict.fromkeys(re.findall(r"`(\w+)`", checks))) == REASONS


def test_no_value_is_a_tombstone() -> None:
    assert reason(None) == "tombstone"


def test_a_value_longer_than_the_limit_is_too_large_even_if_it_is_no_json() -> None:
    assert reason(b"x" * 101, limit=100) == "too_large"
    assert reason(b"x" * 100, limit=100) == "not_json"
    padded = text(PLACED) + b" " * (LIMIT - len(text(PLACED)))
    assert decode("orders", padded) == decode("orders", text(PLACED))
    assert reason(padded + b" ") == "too_large"


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b" ",
        b"\xef\xbb\xbf" + text(PLACED),
        text(PLACED).decode().encode("utf-16"),
        text(PLACED) + b"x",
        text(PLACED) * 2,
        text(PLACED)[:-1],
        text(PLACED)[:-1] + b",}",
        text(PLACED)[:-1] + b',"x":"\xff"}',
        text(PLACED)[:-1] + b',"x":"\xed\xa0\x80"}',  # half of a surrogate pair, as if it were a character
        text(PLACED)[:-1] + b',"x\xff":1}',
        text(PLACED)[:-1] + b',"x":NaN}',
        text(PLACED)[:-1] + b',"x":-Infinity}',
        text(PLACED)[:-1] + b',"x":01}',
        text(PLACED)[:-1] + b',"x":"\t"}',
        text(PLACED)[:-1] + b',"x":' + b"[" * 501 + b"]" * 501 + b"}",
        text(PLACED)[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 200_000,
    ],
)
def test_what_is_no_json_in_utf_8_or_nests_too_deep_is_not_json(value: bytes) -> None:
    assert reason(value) == "not_json"


@pytest.mark.parametrize(
    "value", [b"[]", b"1", b'"order.placed"', b"null", b"true", b"[" + text(PLACED) + b"]"]
)
def test_json_that_is_no_object_is_invalid(value: bytes) -> None:
    assert reason(value) == "invalid"


@pytest.mark.parametrize("kind", ["orders", "subscriptions", "customers", "marketing"])
@pytest.mark.parametrize("wrong", [..., None, "", 5, True, ["order.placed"], {}])
def test_a_type_that_is_no_string_or_empty_is_invalid(kind: Kind, wrong: Any) -> None:
    assert reason(text(PLACED | STARTED | SPEND, type=wrong), kind) == "invalid"


@pytest.mark.parametrize(
    "name", ["order.lost", "order.placed ", "Order.placed", "customer.erased", "spend.recorded"]
)
def test_a_type_of_nowhere_or_of_another_topic_is_unknown_even_if_nothing_else_is_right(name: str) -> None:
    assert reason(text({"type": name})) == "unknown_type"
    assert reason(text(PLACED, type=name)) == "unknown_type"


@pytest.mark.parametrize(
    "value",
    [
        b'"' + b'\\"' * 131_000,
        b"[" * 600 + b'"' + b'\\"' * 130_000,
        b"9" * 262_000,
        b'{"a":' + b"9" * 262_000 + b"}",
        b'{"a":"' + b"\\u0041" * 43_000 + b'"}',
        b"{" + b'"type":"a",' * 23_000 + b'"type":"b"}',
        b'{"type":"order.placed","x":' + b"[" * 100_000,
    ],
    ids=range(7),
)
def test_no_value_of_the_longest_length_takes_long(value: bytes) -> None:
    decode_order = Decoder("orders").one
    start = time.thread_time()
    with pytest.raises(Refused):
        decode_order(value, ())
    assert time.thread_time() - start < 2
