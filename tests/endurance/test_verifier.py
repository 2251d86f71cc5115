"""The verifier finds a quiet run exact, and each single thing that is wrong."""

import asyncio
import json
import struct
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.embedded import Broker
from service.embedded.ports import free_port
from tests.endurance import changelog, insights
from tests.endurance.events import ORDERS_ALLOWED, Sent, load
from tests.endurance.reading import Looking
from tests.endurance.row import Row
from tests.endurance.sending import Sender
from tests.endurance.storm import figures, is_fresh
from tests.endurance.verifier import Evidence, verify
from tests.oracle.instants import instant
from tests.stream.application import Application

PARTITIONS = 2
Tampering = Callable[[Evidence], Evidence]


@pytest.fixture(scope="module")
def quiet(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Sent], Evidence]:
    """What was sent, and what one worker came to that nobody disturbed."""
    return asyncio.run(quiet_run(broker, tmp_path_factory.mktemp("quiet")))


async def quiet_run(broker: Broker, folder: Path) -> tuple[list[Sent], Evidence]:
    settings = {"customer_orders": str(ORDERS_ALLOWED), **insights.SETTINGS}
    application = Application(broker.bootstrap, folder, PARTITIONS, settings=settings)
    await application.create()
    looking, made, port = Looking(broker.bootstrap, PARTITIONS), load(5, 1_500), free_port()
    sender = Sender(broker.bootstrap, application.sources, PARTITIONS)
    application.start(http_port=str(port))
    try:
        for part in (made.first, made.last, made.returning):
            await sender.send(part, 0.0)
            await application.caught_up()
        while (
            sum(not row.headers for _, row in await application.rows(application.dead_letters))
            < made.shredded
        ):
            await asyncio.sleep(0.5)
        answer: dict[str, Any] = {}
        settled = time.time() + 1.0
        while not (answer and is_fresh(answer, settled)):
            await asyncio.sleep(0.3)
            answer = await asyncio.to_thread(figures, port)
        await looking.quiet(application.insights, 5.0)
    finally:
        await sender.close()
        application.end()
    names = application.sources
    return made.all, Evidence(
        partitions=PARTITIONS,
        topics=names,
        sources={kind: await looking.rows(topic) for kind, topic in names.items()},
        letters=await looking.rows(application.dead_letters),
        changelog=await looking.rows(application.changelog),
        ends=await looking.ends(*names.values()),
        committed=await looking.committed(application.name),
        answers={"worker": answer},
        insights=await looking.rows(application.insights),
    )


def test_a_quiet_run_is_exact(quiet: tuple[list[Sent], Evidence]) -> None:
    sent, evidence = quiet
    verdict = verify(sent, with_a_past(evidence))
    assert verdict.wrong == []
    assert verdict.events == len(sent)
    assert verdict.bad == sum(bool(letter.headers) for letter in evidence.letters) > 20
    assert verdict.customers > 50
    assert verdict.figures > 1_000


def without_a_letter(found: Evidence) -> Evidence:
    return replace(found, letters=found.letters[1:])


def with_a_letter_twice(found: Evidence) -> Evidence:
    return replace(found, letters=[*found.letters, found.letters[0]])


def with_a_letter_of_another_reason(found: Evidence) -> Evidence:
    first = found.letters[0]
    other = first._replace(headers={**first.headers, "subpulse.reason": b"boredom"})
    return replace(found, letters=[other, *found.letters[1:]])


def with_a_letter_left_that_names_somebody_erased(found: Evidence) -> Evidence:
    deletion = next(row for row in found.letters if not row.headers)
    return replace(found, letters=[row for row in found.letters if row is not deletion])


def with_a_letter_deleted_that_names_nobody(found: Evidence) -> Evidence:
    places = {row.key for row in found.letters if not row.headers}
    kept = next(row for row in found.letters if row.key not in places)
    return replace(found, letters=[*found.letters, kept._replace(value=None, headers={})])


def with_offsets_behind(found: Evidence) -> Evidence:
    place, offset = max(found.committed.items(), key=lambda item: item[1])
    return replace(found, committed={**found.committed, place: offset - 1})


def with_a_head_behind(found: Evidence) -> Evidence:
    head = next(row for row in reversed(found.changelog) if row.key == b"")
    fields = msgspec.msgpack.decode(head.value or b"")
    topic = max(fields[2], key=lambda name: fields[2][name][0])
    fields[2][topic][0] -= 1
    return replace(found, changelog=[*found.changelog, head._replace(value=msgspec.msgpack.encode(fields))])


def last_customer(found: Evidence) -> Row:
    """Not an erased one's."""
    rows = (row for row in reversed(found.changelog) if (row.key or b"").startswith(b"c") and row.value)
    return next(row for row in rows if not (row.key or b"").startswith(b"cerased-"))


def with_a_stale_record(found: Evidence) -> Evidence:
    """What a zombie does: an older row of a customer once more."""
    seen: dict[bytes | None, Row] = {}
    for row in found.changelog:
        if (row.key or b"").startswith(b"c") and row.key in seen and seen[row.key].value != row.value:
            return replace(found, changelog=[*found.changelog, seen[row.key]])
        seen[row.key] = row
    raise AssertionError("no customer changed twice")


def without_a_record(found: Evidence) -> Evidence:
    gone = last_customer(found)._replace(value=None)
    return replace(found, changelog=[*found.changelog, gone])


def with_an_erased_record_again(found: Evidence) -> Evidence:
    """As if its tombstone had not been written."""
    last = {(row.partition, row.key): row for row in found.changelog if (row.key or b"").startswith(b"c")}
    gone = next(row for row in last.values() if row.value is None)
    return replace(found, changelog=[row for row in found.changelog if row is not gone])


def without_a_surrogate(found: Evidence) -> Evidence:
    rows = [row for row in found.changelog if not (row.key or b"").startswith(b"cerased-")]
    return replace(found, changelog=rows)


def without_a_mark(found: Evidence) -> Evidence:
    return replace(found, changelog=[row for row in found.changelog if (row.key or b"")[:1] != b"e"])


def with_a_record_on_another_partition(found: Evidence) -> Evidence:
    row = last_customer(found)
    return replace(found, changelog=[*found.changelog, row._replace(partition=1 - row.partition)])


def with_one_cent_more(found: Evidence) -> Evidence:
    """In the first order of some customer."""
    for row in found.changelog[::-1]:
        fields = msgspec.msgpack.decode((row.value or b"\x01\x90")[1:]) if row.key else []
        if row.key and row.key[:1] == b"c" and row.value and fields[2] and not fields[1]:
            break
    log = bytearray(fields[2])
    struct.pack_into("<q", log, 16, struct.unpack_from("<q", log, 16)[0] + 1)
    fields[2] = bytes(log)
    richer = row._replace(value=changelog.VERSION + msgspec.msgpack.encode(fields))
    return replace(found, changelog=[*found.changelog, richer])


def with_an_event_that_nobody_sent(found: Evidence) -> Evidence:
    orders = found.sources["orders"]
    good = next(row for row in orders if b"glutton" in (row.value or b""))
    event = {**json.loads(good.value or b""), "event_id": "made up"}
    odd = good._replace(value=json.dumps(event).encode())
    return replace(found, sources={**found.sources, "orders": [*orders, odd]})


def without_an_event(found: Evidence) -> Evidence:
    """One that was sent only once."""
    values = Counter(row.value for row in found.sources["orders"])
    rare = next(row for row in found.sources["orders"] if row.value and values[row.value] == 1)
    orders = [row for row in found.sources["orders"] if row is not rare]
    return replace(found, sources={**found.sources, "orders": orders})


def with_another_figure(found: Evidence) -> Evidence:
    (answer,) = found.answers.values()
    rows = [dict(row) for row in answer["figures"]]
    row = next(row for row in rows if row["name"] == "subpulse_customers_retained" and row["value"])
    row["value"] += 1
    return replace(found, answers={"worker": {**answer, "figures": rows}})


def with_figures_of_another_instant(found: Evidence) -> Evidence:
    (answer,) = found.answers.values()
    return replace(found, answers={"worker": {**answer, "as_of": "2025-01-01T00:00:00Z"}})


def without_answers(found: Evidence) -> Evidence:
    return replace(found, answers={})


def with_a_past(found: Evidence) -> Evidence:
    """The newest instant, as if it had been asked for: without what is told of now alone."""
    (answer,) = found.answers.values()
    figures = [row for row in answer["figures"] if row["name"] != "subpulse_cohort_retained_ratio"]
    return replace(found, past={instant(answer["as_of"]): {**answer, "figures": figures}}, days=1)


def with_another_past(found: Evidence) -> Evidence:
    return replace(with_a_past(with_another_figure(found)), answers=found.answers)


def without_a_past_although_asked(found: Evidence) -> Evidence:
    return replace(found, past={1: {}}, days=1)


def without_a_day_in_the_history(found: Evidence) -> Evidence:
    return replace(with_a_past(found), days=0)


def with_an_insight_twice(found: Evidence) -> Evidence:
    return replace(found, insights=[*found.insights, found.insights[0]])


def without_the_last_insight_of_anybody(found: Evidence) -> Evidence:
    last = {
        (said["customer_id"], said["basis"]): row
        for row in found.insights
        if row.value and (said := json.loads(row.value))["type"] in insights.KINDS
    }
    return replace(found, insights=[row for row in found.insights if row not in last.values()])


def with_an_insight_left_of_somebody_erased(found: Evidence) -> Evidence:
    erasures = [row.value for row in found.sources["customers"] if b'"customer.erased"' in (row.value or b"")]
    whose = json.loads(erasures[0] or b"")["customer_id"]
    row = next(row for row in found.insights if row.value)
    about = {"event_id": "left", "customer_id": whose, "occurred_at": "2024-01-01T00:00:00Z"}
    left = row._replace(value=json.dumps({**json.loads(row.value or b""), **about}).encode())
    return replace(found, insights=[*found.insights, left])


def without_insights(found: Evidence) -> Evidence:
    return replace(found, insights=[])


@pytest.mark.parametrize(
    ("tampering", "about"),
    [
        (without_a_letter, "dead letters"),
        (with_a_letter_twice, "dead letters"),
        (with_a_letter_of_another_reason, "boredom"),
        (with_a_letter_left_that_names_somebody_erased, "left"),
        (with_a_letter_deleted_that_names_nobody, "deleted"),
        (with_offsets_behind, "committed"),
        (with_a_head_behind, "head record"),
        (with_a_stale_record, "customer records are wrong"),
        (without_a_record, "customer records are wrong"),
        (with_an_erased_record_again, "customer records are wrong"),
        (without_a_surrogate, "surrogates"),
        (without_a_mark, "marks"),
        (with_a_record_on_another_partition, "customer records are wrong"),
        (with_one_cent_more, "customer records are wrong"),
        (with_an_event_that_nobody_sent, "nobody sent"),
        (without_an_event, "not in the topics"),
        (with_another_figure, "figures differ"),
        (with_figures_of_another_instant, "as_of"),
        (without_answers, "no worker"),
        (with_another_past, "figures differ"),
        (without_a_past_although_asked, "nothing was told"),
        (without_a_day_in_the_history, "no day"),
        (with_an_insight_twice, "said more than once"),
        (without_the_last_insight_of_anybody, "how they stand"),
        (with_an_insight_left_of_somebody_erased, "are not deleted"),
        (without_insights, "nothing was said"),
    ],
)
def test_what_is_wrong_is_found(quiet: tuple[list[Sent], Evidence], tampering: Tampering, about: str) -> None:
    sent, evidence = quiet
    assert any(about in sentence for sentence in verify(sent, tampering(evidence)).wrong)
