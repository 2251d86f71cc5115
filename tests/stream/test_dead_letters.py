"""Each reason of the contract, through the real broker: the letter says why, the neighbours are counted."""

import json
import time
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from schemas.instants import format_instant, parse_instant
from schemas.verdict import REASONS
from tests.stream.application import Application
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent, event, order
from tests.stream.outcome import settled_view

GOOD = [order(f"good-{i}", i, i / 10) for i in range(20)]
LIMIT = 2_048  # bytes


def order_of(who: str, **fields: Any) -> bytes:
    sent = order(who, 1, 0)
    assert sent.value is not None
    return json.dumps({**json.loads(sent.value), **fields}).encode()


BAD: dict[str, tuple[bytes | None, bytes | None, str]] = {
    # key, value, what the detail speaks of
    "tombstone": (b"somebody", None, "no value"),
    "too_large": (b"somebody", order_of("somebody", note="x" * LIMIT), str(LIMIT)),
    "not_json": (b"somebody", b'{"type": ', "JSON"),
    "invalid": (b"somebody", order_of("somebody", amount={"minor": -1, "currency": "EUR"}), "amount"),
    "unknown_type": (b"somebody", order_of("somebody", type="customer.signed_up"), "type"),
    "key_mismatch": (b"another", order_of("somebody"), "key"),
    "future_event": (b"somebody", order_of("somebody", occurred_at="2199-01-01T00:00:00Z"), "occurred_at"),
}

WITH_TESTS_OF_THEIR_OWN = {"wrong_partition", "customer_limit", "internal"}


def test_every_reason_is_tried() -> None:
    assert {*BAD, *WITH_TESTS_OF_THEIR_OWN} == set(REASONS)


@pytest.fixture
async def application(applications: NewApplication) -> Application:
    made = applications(settings={"max_record_bytes": str(LIMIT), "customer_orders": "100"})
    await made.create()
    return made


async def send_raw(application: Application, key: bytes | None, value: bytes | None, **extra: Any) -> Any:
    async with AIOKafkaProducer(bootstrap_servers=application.bootstrap) as producer:
        return await producer.send_and_wait(application.sources["orders"], value, key, **extra)


async def orders_counted(application: Application) -> int:
    view = await settled_view(application)
    return sum(int(f.value or 0) for f in view.figures if f.name == "subpulse_realized_ltv_gcount")


async def only_letter(application: Application) -> Any:
    rows = await application.rows(application.dead_letters)
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize("reason", BAD)
async def test_a_record_that_cannot_be_used_is_told_apart_and_its_neighbours_are_counted(
    application: Application, reason: str
) -> None:
    key, value, about = BAD[reason]
    stamp = 1_700_000_000_000 if reason == "future_event" else int(time.time() * 1_000)
    application.send(GOOD[:10])
    sent = await send_raw(application, key, value, timestamp_ms=stamp, headers=[("trace", b"\x00\xff")])
    application.send(GOOD[10:])
    application.start()
    await application.caught_up()

    number, letter = await only_letter(application)
    told = dict(letter.headers)
    place = f"{sent.topic}/{sent.partition}/{sent.offset}"
    assert (number, letter.key, letter.value) == (sent.partition, place.encode(), value)
    assert letter.timestamp == stamp
    assert told.pop("trace") == b"\x00\xff"
    assert told.pop("subpulse.reason") == reason.encode()
    assert about in told.pop("subpulse.detail").decode()
    at = parse_instant(told.pop("subpulse.rejected_at").decode())
    assert abs(at / 1e6 - time.time()) < 60
    assert told == {
        "subpulse.key": key,
        "subpulse.topic": sent.topic.encode(),
        "subpulse.partition": str(sent.partition).encode(),
        "subpulse.offset": str(sent.offset).encode(),
    }
    assert await orders_counted(application) == len(GOOD)


async def test_a_key_on_the_wrong_partition_is_refused_only_there(application: Application) -> None:
    application.send(GOOD)
    value = order_of("somebody")
    places = [await send_raw(application, b"somebody", value, partition=n) for n in range(4)]
    application.start()
    await application.caught_up()

    rows = await application.rows(application.dead_letters)
    assert {dict(row.headers)["subpulse.reason"] for _, row in rows} == {b"wrong_partition"}
    right = set(range(4)) - {number for number, _ in rows}
    assert len(right) == 1
    assert len(rows) == 3
    assert {row.key for n, row in rows} == {
        f"{p.topic}/{p.partition}/{p.offset}".encode() for p in places if p.partition not in right
    }
    assert await orders_counted(application) == len(GOOD) + 1


async def test_a_customer_beyond_the_limit_keeps_what_it_has(application: Application) -> None:
    application.send(order("glutton", i, i / 10) for i in range(103))
    application.send(GOOD)
    application.start()
    await application.caught_up()

    rows = await application.rows(application.dead_letters)
    assert [dict(row.headers)["subpulse.reason"] for _, row in rows] == [b"customer_limit"] * 3
    assert await orders_counted(application) == len(GOOD) + 1


async def test_a_record_without_a_key_is_a_mismatch_and_its_letter_says_so(application: Application) -> None:
    await send_raw(application, None, order_of("somebody"))
    application.start()
    await application.caught_up()

    _, letter = await only_letter(application)
    told = dict(letter.headers)
    assert told["subpulse.reason"] == b"key_mismatch"
    assert told["subpulse.key"] is None
    assert b"somebody" not in told["subpulse.detail"]


async def test_marketing_is_keyed_by_channel(application: Application) -> None:
    spend = event(
        "marketing",
        "spend.recorded",
        "search",
        1,
        event_id="m-1",
        amount={"minor": 5, "currency": "EUR"},
    )
    application.send([spend, Sent("marketing", b"elsewhere", spend.value)])
    application.start()
    await application.caught_up()

    _, letter = await only_letter(application)
    assert dict(letter.headers)["subpulse.detail"].startswith(b"key: expected the channel")


def test_the_instant_of_refusal_reads_back() -> None:
    assert parse_instant(format_instant(1_700_000_000_123_456)) == 1_700_000_000_123_456
