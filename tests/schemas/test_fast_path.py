"""The compiled decoder and the models never disagree, whatever the bytes."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import fast
from schemas.compiled import struct_of
from schemas.decode import Decoder, Kind, Refused, decode
from schemas.topics import MODELS
from schemas.verdict import judge
from tests.schemas.events import STEADY, TYPES, dubious, events, written

IDS = {"customer_id": "c", "order_id": "o"}
KINDS: tuple[Kind, ...] = ("orders", "subscriptions", "customers", "marketing")

SNIPPETS = st.sampled_from(
    [
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"\\udc00",
        b"\\ud83c\\udf88",
        b"\\\\ud800",
        b"\\u0000",
        b"\x00",
        b"\t",
        b" ",
        b"\\",
        b'"',
        b",",
        b"{",
        b"}",
        b"[",
        b"]",
        b"NaN",
        b"null",
        b"-0",
        b"0",
        b".0",
        b"e3",
        b"1e999",
        b"9" * 50,
        b'"x":NaN,',
        b'"x":"\xff",',
        b'"x":"\\ud800",',
        b'"\\udc00":1,',
        b'"\xff":1,',
        b'"type":null,',
        b'"type":"order.cancelled",',
        b'"event_id":"f",',
        b'"amount":null,',
        b'"x":' + b"[" * 600 + b"]" * 600 + b",",
    ]
)


@st.composite
def damaged(draw: st.DrawFn, kind: Kind) -> bytes:
    """An event as bytes, in which some were replaced by a snippet."""
    value = written(draw(events(kind) | dubious(kind)), ascii_only=draw(st.booleans()))
    for _ in range(draw(st.integers(0, 2))):
        marks = [place + 1 for place, mark in enumerate(value) if mark in b'{,:"}']
        start = draw(st.sampled_from(marks) | st.integers(0, len(value)))
        end = start + draw(st.sampled_from([0, 0, 0, 1, 5]))
        value = value[:start] + draw(SNIPPETS) + value[end:]
    return value


RECORDS = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), damaged(kind)))


def outcome(kind: Kind, value: bytes) -> Any:
    try:
        return decode(kind, value)
    except Refused as refused:
        return refused.reason, refused.detail


def verdict(kind: Kind, value: bytes) -> Any:
    try:
        return struct_of(judge(kind, value, ()), fast.STRUCTS)
    except Refused as refused:
        return refused.reason, refused.detail


def told_by_pydantic(kind: Kind, value: bytes) -> Any:
    """The struct of the model that reads these bytes with pydantic's own parser of JSON, or None."""
    for model in MODELS[kind]:
        try:
            return struct_of(model.model_validate_json(value), fast.STRUCTS)
        except ValidationError:
            continue
    return None


@STEADY
@given(RECORDS)
@example(("marketing", written({"event_id": "e", "occurred_at": "2026-11-22T09:00:00Z", "channel": "c"})))
def test_the_fast_path_and_the_verdict_of_the_models_are_the_same(record: tuple[Kind, bytes]) -> None:
    assert outcome(*record) == verdict(*record)


@STEADY
@given(RECORDS)
def test_what_is_accepted_pydantic_reads_as_the_same_and_what_is_refused_it_refuses(
    record: tuple[Kind, bytes],
) -> None:
    kind, value = record
    ours = outcome(kind, value)
    if isinstance(ours, tuple):
        # Pydantic's own parser takes NaN, which is no JSON.
        assert told_by_pydantic(kind, value) is None or b"NaN" in value
    else:
        # It gives up at 200 levels.
        assert told_by_pydantic(kind, value) == ours or b"[" * 200 in value


@STEADY
@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), events(kind), st.booleans())))
def test_a_right_event_is_accepted_and_without_nulls_it_does_not_even_need_the_slow_path(
    told: tuple[Kind, dict[str, Any], bool],
) -> None:
    kind, event, ascii_only = told
    decoded = decode(kind, written(event, ascii_only))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("schemas.decode.judge", _never)
        short = {name: value for name, value in event.items() if value is not None}
        assert decode(kind, written(short, ascii_only)) == decoded


@STEADY
@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), st.lists(damaged(kind)))))
def test_many_records_at_once_are_what_they_are_one_by_one_or_left_for_a_closer_look(
    told: tuple[Kind, list[bytes]],
) -> None:
    kind, values = told
    together = Decoder(kind).many(values, [()] * len(values))
    assert together is None or together == [outcome(kind, value) for value in values]


def test_a_tombstone_an_envelope_or_a_long_value_among_many_is_left_for_a_closer_look() -> None:
    value = written({"type": "order.cancelled", "event_id": "e", "occurred_at": "2026-11-22T09:00:00Z"} | IDS)
    decoder, envelope = Decoder("orders", limit=1_000), [("Content-Type", b"application/cloudevents+json")]
    assert decoder.many([value, value], [(), [("trace", b"1")]]) == [decoder.one(value)] * 2
    assert decoder.many([value, None], [(), ()]) is None
    assert decoder.many([value, value], [(), envelope]) is None
    assert decoder.many([value, value[:-1] + b" " * 1_000 + b"}"], [(), ()]) is None


def _never(*_record: Any) -> Any:
    raise AssertionError("judged slowly")


@STEADY
@given(
    st.binary(max_size=30)
    | st.text(max_size=30).map(str.encode)
    | st.builds(json.dumps, st.text()).map(str.encode)
)
def test_any_bytes_are_judged_and_never_crash(value: bytes) -> None:
    for kind in TYPES:
        assert outcome(kind, value) == verdict(kind, value)
