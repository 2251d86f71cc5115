"""The past of real workers on a real broker: against the oracle, from the daily history and without it."""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp

from schemas.instants import DAY, format_instant
from service.domain.metrics import Definitions, Figure
from service.exposition.past import divided
from service.figures.almanac import Almanac
from service.figures.board import Board
from service.stream.day_rows import made_by, open_row
from service.stream.summary_rows import TARGET_KEY, open_envelope
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.recompute import recompute
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent, order, storm

WINDOWS = ("24h", "30d")
DEFINITIONS = Definitions(windows=WINDOWS)
DAYS = 8
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float | None]


def recomputed(events: Iterable[Sent], as_of: int) -> Figures:
    """By the oracle."""
    return recompute([event for sent in events if (event := said(sent))], as_of, windows=WINDOWS)


def same(expected: Mapping[int, Figures], found: Mapping[int, Figures]) -> bool:
    return expected.keys() == found.keys() and not any(
        differences(expected[as_of], found[as_of], 1e-12) for as_of in expected
    )


def by_key(figures: Iterable[Figure]) -> Figures:
    return {(figure.name, frozenset(figure.labels)): figure.value for figure in figures}


async def asked(worker: Worker, path: str, **query: str) -> dict[str, Any]:
    """Until the worker answers."""
    limit = time.monotonic() + 60
    async with aiohttp.ClientSession(worker.address) as client:
        while True:
            async with client.get(path, params=query) as answer:
                if answer.status == 200:
                    return await answer.json()
                assert answer.status in (429, 503), await answer.text()
            assert time.monotonic() < limit, worker.text()
            await asyncio.sleep(0.2)


async def written(application: Application) -> dict[int, dict[int, bytes]]:
    """The summaries in the daily history, by instant and partition."""
    found: dict[int, dict[int, bytes]] = {}
    for number, record in await application.rows(application.history):
        if record.value is not None and (row := open_row(record.value)) is not None:
            found.setdefault(row.as_of, {})[number] = row.summary
    return found


async def whole_history(application: Application, events: list[Sent], last: int) -> dict[int, Figures]:
    """Once every day of the history says what the oracle says of these events."""
    wanted = {last - n * DAY: recomputed(events, last - n * DAY) for n in range(DAYS)}
    limit = time.monotonic() + 90
    while True:
        rows = await written(application)
        told = {
            as_of: by_key(divided(list(rows[as_of].values()), DEFINITIONS).figures)
            for as_of in wanted.keys() & rows.keys()
            if len(rows[as_of]) == application.partitions
        }
        if same(wanted, told):
            return told
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.5)


async def test_days_are_written_told_and_made_again_when_events_are_late(
    applications: NewApplication,
) -> None:
    application = applications(
        partitions=2, settings={"history_days": str(DAYS), "windows": ",".join(WINDOWS)}
    )
    await application.create()
    events = list(storm(1_500, 3, customers=200))
    application.send(events)
    newest = max(instant(event["occurred_at"]) for sent in events if (event := said(sent)))
    last = newest // DAY * DAY - 1
    first, second = application.start(), application.start()
    days = await whole_history(application, events, last)
    assert len(set(map(str, days.values()))) == DAYS  # no two days are alike

    late = order("c-000007", 9_999_999, (last - 3 * DAY - instant("2025-01-01T00:00:00Z")) / DAY, 777)
    application.send([late])
    days = await whole_history(application, [*events, late], last)
    limit = time.monotonic() + 60  # the days are written; that they hold is told with the next summaries
    while await in_almanac(application, days) != days:
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.5)
    begin = format_instant(last - DAYS * DAY + 1)
    for worker in (first, second):
        found = await asked(worker, "/api/v1/history", **{"from": begin})
        assert found["instants"] == [format_instant(as_of) for as_of in sorted(days)]
        for place, as_of in enumerate(sorted(days)):
            told = {
                (row["name"], frozenset(row["labels"].items())): row["values"][place]
                for row in found["series"]
            }
            assert {k: v for k, v in told.items() if v is not None} == {
                k: v for k, v in days[as_of].items() if v is not None
            }
        at = last - 2 * DAY - 12_345_678
        found = await asked(worker, "/api/v1/figures", as_of=format_instant(at))
        told = {(row["name"], frozenset(row["labels"].items())): row["value"] for row in found["figures"]}
        assert differences(recomputed([*events, late], at), told, 1e-12) == []


async def in_almanac(application: Application, days: Iterable[int]) -> dict[int, Figures]:
    """What a worker reads of the history, before it asks anybody."""
    board = Board(application.partitions, DEFINITIONS.fingerprint())
    for _, row in await application.rows(application.summaries):
        if row.key != TARGET_KEY:
            board.add(open_envelope(row.value))
    client = {"bootstrap_servers": application.bootstrap}
    almanac = Almanac(client, application.history, made_by(DEFINITIONS), lambda: board)
    found = await almanac.shares(list(days))
    return {
        as_of: by_key(divided([share.summary for share in shares.values()], DEFINITIONS).figures)
        for as_of, shares in found.items()
    }


def said(sent: Sent) -> dict[str, Any] | None:
    """The event of a record; None of one that is bad."""
    try:
        event = json.loads(sent.value or b"")
    except ValueError:
        return None
    return event if isinstance(event, dict) and "occurred_at" in event else None
