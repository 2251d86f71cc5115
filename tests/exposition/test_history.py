"""Figures of the past over HTTP: against the oracle, and against a replay of what had happened by then."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from schemas.instants import DAY, format_instant
from service.domain.facts import Facts
from service.domain.metrics import Definitions, view
from service.exposition.past import divided
from service.exposition.server import serve
from service.figures.desk import Desk, Share, Written, measured
from service.replay import Line, replay
from service.settings import Settings
from tests.exposition.showing import AS_OF, busy, desk_of, healthy, holding, views_of
from tests.oracle.agreement import as_figures
from tests.oracle.businesses import business
from tests.oracle.differences import differences
from tests.oracle.instants import HOUR, instant, start_of_day
from tests.oracle.labels import Figures
from tests.oracle.recompute import recompute
from tests.oracle.test_agreement import in_time

ZONE = "America/New_York"
WINDOWS = ("24h", "30d", "365d", "last_month")
DEFINITIONS = Definitions(windows=WINDOWS, time_zone=ZONE)
EVENTS = business(31, AS_OF, ZONE, customers=40)
NOW = format_instant(AS_OF)
RELATIVE = 1e-12


@asynccontextmanager
async def worker(desk: Desk) -> AsyncIterator[str]:
    settings = Settings(http_port=0, windows=WINDOWS, time_zone=ZONE)
    async with serve(healthy(), busy(), views_of(healthy()), settings, desk) as address:
        yield address


@asynccontextmanager
async def two_workers() -> AsyncIterator[tuple[list[Desk], str, str]]:
    parts = [[holding(number, EVENTS) for number in own] for own in ((0, 1), (2, 3))]
    desks = [desk_of(*own, definitions=DEFINITIONS) for own in parts]
    async with AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(worker(desk)) for desk in desks]
        for desk in desks:
            desk.owners = lambda: {0: first, 1: first, 2: second, 3: second}
        yield desks, first, second


async def asked(address: str, path: str, **query: Any) -> tuple[int, dict[str, Any]]:
    query = {key.rstrip("_"): value for key, value in query.items()}
    async with aiohttp.ClientSession() as client, client.get(address + path, params=query) as answer:
        return answer.status, await answer.json()


def by_key(rows: list[dict[str, Any]], place: int | None = None) -> Figures:
    return {
        (row["name"], frozenset(row["labels"].items())): row["value"]
        if place is None
        else row["values"][place]
        for row in rows
    }


def replayed(as_of: int) -> Figures:
    """By a replay that reads nothing later."""
    lines = [Line("f", n, json.dumps(event).encode()) for n, event in enumerate(EVENTS)]
    found = replay(lines, DEFINITIONS, as_of, as_of)
    return as_figures(view(found.summary, DEFINITIONS).figures)


@pytest.mark.parametrize("back", [0, 1, 26 * HOUR, 200 * DAY + 12_345, 1_400 * DAY])
async def test_any_instant_is_told_as_the_oracle_and_a_replay_up_to_it_do(back: int) -> None:
    as_of = AS_OF - back
    async with two_workers() as (_, *addresses):
        answers = [
            await asked(address, "/api/v1/figures", as_of=format_instant(as_of)) for address in addresses
        ]
    assert answers[0] == answers[1]
    status, found = answers[0]
    assert (status, found["as_of"], found["complete"]) == (200, format_instant(as_of), True)
    figures = by_key(found["figures"])
    assert figures == replayed(as_of)
    expected = recompute(EVENTS, as_of, time_zone=ZONE, windows=WINDOWS)
    assert differences(expected, figures, RELATIVE) == []


async def test_history_has_the_end_of_each_local_day_that_is_over() -> None:
    days = [date(2024, 3, 9), date(2024, 3, 10), date(2024, 3, 11)]  # the clocks go forward on the second
    ends = [start_of_day(date.fromordinal(day.toordinal() + 1), ZoneInfo(ZONE)) - 1 for day in days]
    async with two_workers() as (_, address, _):
        status, found = await asked(address, "/api/v1/history", from_="2024-03-09", to="2024-03-11")
        assert (status, found["complete"]) == (200, True)
        assert found["instants"] == [format_instant(end) for end in ends]
        for place, end in enumerate(ends):
            same(found, place, end)
        _, every_other = await asked(
            address, "/api/v1/history", from_="2024-03-09", to="2024-03-11", step="2d", window="30d",
            name=["churn_ratio", "subpulse_retention_ratio"],
        )  # fmt: skip
        _, today = await asked(address, "/api/v1/history", from_="2024-05-28", name="orders")
    assert every_other["instants"] == [format_instant(ends[0]), format_instant(ends[2])]
    chosen = [
        {**row, "values": row["values"][::2]}
        for row in found["series"]
        if row["labels"].get("window") == "30d"
        and row["name"] in ("subpulse_churn_ratio", "subpulse_retention_ratio")
    ]
    assert len(chosen) == 4
    assert every_other["series"] == chosen
    assert today["instants"] == []  # it is not over


async def test_history_goes_in_hours_from_any_instant() -> None:
    begin = AS_OF - 12 * HOUR + 7
    async with two_workers() as (_, address, _):
        _, found = await asked(address, "/api/v1/history", from_=format_instant(begin), step="5h")
    instants = [begin, begin + 5 * HOUR, begin + 10 * HOUR]
    assert found["instants"] == [format_instant(at) for at in instants]
    for place, at in enumerate(instants):
        same(found, place, at)


def same(found: dict[str, Any], place: int, as_of: int) -> None:
    """Null is also what had no series yet."""
    told, expected = by_key(found["series"], place), replayed(as_of)
    assert told.keys() >= expected.keys()
    assert {key: value for key, value in told.items() if value is not None} == {
        key: value for key, value in expected.items() if value is not None
    }


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"as_of": "2024-05-29T00:00:00Z"}, "the future is not known"),
        ({"as_of": "2019-01-01T00:00:00Z"}, "as_of: the past can be told from 20"),
        ({"as_of": "yesterday"}, "as_of: expected"),
        ({"as_of": "2024-05-27", "name": "predicted_ltv_mean"}, "is told for now alone"),
        ({}, "from: is missing"),
        ({"from": "2024-02-30"}, "from: there is no day 2024-02-30"),
        ({"from": "2024-05-01", "step": "0d"}, "step: '0d' is not between 1d and 9999d"),
        ({"from": "2024-05-01", "to": "2024-04-01"}, "to: is before from"),
        ({"from": "2024-05-01", "to": "2024-06-01"}, "to: the figures hold for"),
        ({"from": "2024-05-01", "to": "9999-12-31"}, "to: the figures hold for"),
        ({"from": ["2024-05-01", "2024-05-02"]}, "from: stands there 2 times"),
        ({"from": "2024-05-01", "name": "churn_ration"}, "there is no figure 'churn_ration'; churn_ratio?"),
        ({"from": "2024-05-01", "window": "31d"}, "window: '31d' is none of 24h, 30d, 365d, last_month"),
        ({"from": "2024-05-01", "step": "1w"}, "step: '1w' is not like 1d or 6h"),
        ({"from": "2023-05-01", "step": "1h"}, "these are 9,449 instants, more than 1,000"),
        ({"from": "2019-01-01"}, "from: the past can be told from"),
        ({"from": "2024-05-01", "to": "2024-06-01T00:00:00Z"}, "to: the figures hold for"),
    ],
)
async def test_what_cannot_be_told_is_refused_with_a_sentence(query: dict[str, str], words: str) -> None:
    path = "/api/v1/figures" if "as_of" in query else "/api/v1/history"
    async with worker(desk_of(*(holding(n, []) for n in range(4)), definitions=DEFINITIONS)) as address:
        status, found = await asked(address, path, **query)
    assert status == 400
    assert words in found["error"]


async def test_what_can_be_told_begins_where_every_window_lies_inside_the_horizon() -> None:
    """`365d` looks back 731 days at most, of 2,200; a microsecond earlier it would be refused."""
    first = AS_OF - (2_200 - 731) * DAY
    async with two_workers() as (_, address, _):
        status, found = await asked(address, "/api/v1/figures", as_of=format_instant(first))
        assert (status, by_key(found["figures"])) == (200, replayed(first))
        assert (await asked(address, "/api/v1/figures", as_of=format_instant(first - 1)))[0] == 400
        _, found = await asked(
            address, "/api/v1/history", from_="earliest", to=format_instant(first + 2 * DAY)
        )
        assert found["instants"] == ["2020-05-22T03:59:59.999999Z"]  # of the only whole day between


async def test_what_is_folded_beyond_the_horizon_changes_nothing_that_can_be_told() -> None:
    """Most orders are folded here; what is told is the last instant that can be asked for, and the first."""
    definitions = Definitions(windows=("30d", "365d"), horizon_days=800)
    events = business(8, AS_OF, customers=120, history=timedelta(days=2_000))
    events = in_time(sorted(events, key=lambda event: instant(event["occurred_at"])), definitions.horizon)
    parts = [holding(number, events, reach=definitions.horizon) for number in range(4)]
    assert sum(len(owned.facts.orders.folded) for owned in parts) > 20
    desk = desk_of(*parts, definitions=definitions)
    async with worker(desk) as address:
        for back in (0, 40 * DAY, (800 - 731) * DAY):
            status, found = await asked(address, "/api/v1/figures", as_of=format_instant(AS_OF - back))
            assert status == 200
            expected = recompute(events, AS_OF - back, windows=definitions.windows)
            assert differences(expected, by_key(found["figures"]), RELATIVE) == []


async def test_one_question_about_the_past_is_answered_at_a_time() -> None:
    async with two_workers() as (_, address, _):
        long = asyncio.create_task(asked(address, "/api/v1/history", from_="2024-05-01"))
        await asyncio.sleep(0.2)
        async with aiohttp.ClientSession(address) as client:
            async with client.get("/api/v1/figures", params={"as_of": NOW}) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (429, "5")
            async with client.get("/livez") as answer:
                assert answer.status == 200
        status, found = await long
    assert (status, len(found["instants"])) == (200, 27)


async def test_what_is_written_in_the_daily_history_is_not_asked_of_anybody() -> None:
    """The history says here that nothing ever happened, which nobody would say who was asked."""
    end = start_of_day(date(2024, 5, 21), ZoneInfo(ZONE)) - 1
    nothing = {number: Share(measured(Facts(), end, DEFINITIONS), True) for number in range(3)}
    owned_by_nobody = desk_of(holding(3, EVENTS), definitions=DEFINITIONS)

    async def written(instants: Collection[int]) -> Written:
        return {end: nothing}

    owned_by_nobody.written = written
    async with worker(owned_by_nobody) as address:
        status, found = await asked(address, "/api/v1/history", from_="2024-05-20", to="2024-05-20")
        share = (await owned_by_nobody.shares(end, [3]))[3].summary
        whole = divided([share, *(one.summary for one in nothing.values())], DEFINITIONS)
        assert status == 200
        assert by_key(found["series"], 0) == {(f.name, frozenset(f.labels)): f.value for f in whole.figures}
        status, _ = await asked(address, "/api/v1/history", from_="2024-05-19", to="2024-05-20")
        assert status == 503


async def test_a_partition_without_an_owner_is_told_and_nothing_is_made_up() -> None:
    async with two_workers() as (desks, first, second):
        desks[0].owners = lambda: {2: second}
        assert (await asked(first, "/api/v1/figures", as_of=NOW))[0] == 503
        desks[0].owners = lambda: {2: second, 3: first}  # which is wrong: 3 has moved
        status, found = await asked(first, "/api/v1/figures", as_of=NOW)
        assert status == 503
        assert "partitions [3] have just moved" in found["error"]
        desks[0].owners = lambda: {2: second, 3: second}
        desks[0].parts()[1].forget_facts()
        status, found = await asked(first, "/api/v1/figures", as_of=NOW)
        assert status == 503
        assert "partitions [1]" in found["error"]


async def test_workers_with_other_settings_are_not_added_up() -> None:
    async with two_workers() as (desks, address, _):
        desks[1].definitions = Definitions(windows=WINDOWS)
        status, found = await asked(address, "/api/v1/figures", as_of=NOW)
    assert status == 503
    assert "workers have other settings" in found["error"]
