"""`subpulse dead-letters`, as a person uses it: with workers that judge, and judge again."""

import asyncio
import json
import time
from collections import Counter
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import Result
from prometheus_client.parser import text_string_to_metric_families

from tests.cli.calling import failed_with_a_sentence, subpulse
from tests.stream import commands
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import order
from tests.stream.outcome import settled_view

LONG_AGO = 1_600_000_000_000  # milliseconds: the record's timestamp, before its event
GOOD = order("good", 1, 0).value
BAD: list[tuple[str, bytes | None, bytes | None, dict[str, Any]]] = [
    # reason, key, value, more about the record
    ("not_json", b"somebody", b'{"type": \x1b[31m', {"headers": [("trace", b"\x00\xff")]}),
    ("tombstone", b"somebody", None, {}),
    ("key_mismatch", None, GOOD, {}),
    ("key_mismatch", b"else", GOOD, {}),
    ("future_event", b"early", order("early", 2, 0).value, {"timestamp_ms": LONG_AGO}),
]
ACCEPTED_LATER = Counter(future_event=1, customer_limit=2, wrong_partition=1)


async def call(application: Application, *arguments: str) -> Result:
    return await commands.subpulse(application, "dead-letters", *arguments)


async def letters(application: Application, *arguments: str) -> list[dict[str, Any]]:
    done = await call(application, "list", "--json", *arguments)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


async def records(application: Application) -> list[Any]:
    return [row for _, row in await application.rows(application.sources["orders"])]


async def until_counted(worker: Worker, count: int, seconds: float = 30) -> None:
    """Until the worker's metrics say that so many letters wait."""
    limit, found = time.monotonic() + seconds, -1.0
    async with aiohttp.ClientSession(worker.address) as client:
        while found != count:
            assert time.monotonic() < limit, f"{found} of {count}"
            await asyncio.sleep(0.2)
            async with client.get("/metrics") as answer:
                families = text_string_to_metric_families(await answer.text())
            (letters,) = [family for family in families if family.name == "subpulse_dead_letters"]
            found = sum(sample.value for sample in letters.samples)


@pytest.fixture
async def refused(applications: NewApplication) -> Application:
    """An application whose worker has refused records, and was stopped."""
    application = applications(partitions=2, settings={"customer_orders": "3"})
    await application.create()
    application.send(order("glutton", number, number / 10) for number in range(5))
    topic = application.sources["orders"]
    async with AIOKafkaProducer(bootstrap_servers=application.bootstrap) as producer:
        for _, key, value, more in BAD:
            batch = producer.create_batch()  # `send` takes no record without key and value
            stamp = more.get("timestamp_ms", 1_767_225_600_000)
            batch.append(key=key, value=value, timestamp=stamp, headers=more.get("headers", []))
            await (await producer.send_batch(batch, topic, partition=0))
        for number in range(2):  # wrong on one of the two
            sent = order("wanderer", 9, 0)
            await producer.send_and_wait(topic, sent.value, sent.key, partition=number)
    worker = application.start()
    await application.caught_up()
    assert worker.stop()[0] == 0
    return application


async def test_letters_are_found_shown_dropped_and_redriven(refused: Application) -> None:
    waiting = await letters(refused)
    reasons = Counter(letter["reason"] for letter in waiting)
    expected = Counter(reason for reason, *_ in BAD) + Counter(customer_limit=2, wrong_partition=1)
    assert reasons - Counter(future_event=9, wrong_partition=9) == expected - Counter(
        future_event=9, wrong_partition=9
    )
    assert await letters(refused, "--reason", "customer_limit", "--since", "1h") == [
        letter for letter in waiting if letter["reason"] == "customer_limit"
    ]

    (broken,) = [letter["letter"] for letter in waiting if letter["reason"] == "not_json"]
    shown = await call(refused, "show", broken)
    assert "\x1b" not in shown.stdout
    assert '{"type": \\x1b[31m' in shown.stdout
    full = json.loads((await call(refused, "show", "--json", broken)).stdout)
    assert (full["key"], full["value"]) == ("somebody", '{"type": \x1b[31m')
    assert full["headers"] == [["trace", {"base64": "AP8="}]]

    nowhere = await call(refused, "show", f"{refused.sources['orders']}/9/9")  # there are two partitions
    assert (nowhere.exit_code, nowhere.stderr.splitlines()[-1].split(": ", 1)[1]) == (
        1, f"no such letter waits: {refused.sources['orders']}/9/9",
    )  # fmt: skip
    unasked = await call(refused, "drop", broken)
    assert unasked.exit_code == 1
    assert "Delete 1 letter (1 not_json) for good?" in unasked.stderr
    assert "--yes" in unasked.stderr
    assert (await call(refused, "drop", broken, "--yes")).stdout == "dropped 1 letter\n"
    assert broken not in {letter["letter"] for letter in await letters(refused)}

    before = Counter((row.key, row.value) for row in await records(refused))
    early = await call(refused, "redrive", "--reason", "tombstone", "--yes", "--wait", "0")
    assert early.stdout.splitlines() == [
        f"sent back 1: 1 to {refused.sources['orders']}",
        "accepted this time 0",
        "not processed within 0 s 1: is a worker running?",
    ]

    worker = refused.start(customer_orders="100")
    outcome = json.loads((await call(refused, "redrive", "--all", "--yes", "--json")).stdout)
    assert outcome == {
        "sent": len(waiting) - 2,
        "accepted": sum(count for reason, count in reasons.items() if reason in ACCEPTED_LATER),
        "rejected_again": {"key_mismatch": 2},
        "not_processed": 0,
        "left": {},
        "interrupted": None,
    }
    again = await letters(refused)
    assert Counter(letter["reason"] for letter in again) == {"key_mismatch": 2, "tombstone": 1}
    assert not {letter["letter"] for letter in again} & {letter["letter"] for letter in waiting}
    more = Counter((row.key, row.value) for row in await records(refused)) - before
    assert more.total() == outcome["sent"] + 1
    await until_counted(worker, len(again))
    view = await settled_view(refused)
    counted = {f.name: f.value for f in view.figures if f.name == "subpulse_realized_ltv_gcount"}
    assert list(counted.values()) == [3]  # glutton, early, wanderer


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["redrive", "--yes"], "say which letters"),
        (["list", "--reason", "broken"], "there is no reason 'broken'; reasons are tombstone"),
    ],
)
def test_a_mistake_is_a_sentence(arguments: list[str], words: str) -> None:
    assert failed_with_a_sentence(subpulse("dead-letters", *arguments), words)
