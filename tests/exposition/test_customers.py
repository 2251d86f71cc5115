"""One customer over HTTP: off, on, passed on to the owner, and never in a log."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli import app
from service.cli.ask import ask
from service.errors import UserError
from service.exposition.server import serve
from service.figures.desk import Desk
from service.settings import Settings
from tests.certificates import certificates
from tests.exposition.showing import AS_OF, busy, desk_of, healthy, holding, views_of
from tests.oracle.businesses import business
from tests.oracle.people import Person, gather

PATH = "/api/v1/customers"
EVENTS = business(5, AS_OF, customers=30)
PEOPLE = gather(EVENTS, AS_OF)
TOKEN = "a-token-that-all-workers-share"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, no log of any level says who was asked for."""
    caplog.set_level(logging.DEBUG)
    yield
    for name in PEOPLE:
        if len(name) > 2:
            assert f"={name}" not in caplog.text
    assert "nobody-we-know" not in caplog.text


@asynccontextmanager
async def worker(desk: Desk, **settings: Any) -> AsyncIterator[str]:
    chosen = Settings(http_port=0, **{"customer_api": True, **settings})
    async with serve(healthy(), busy(), views_of(healthy()), chosen, desk) as address:
        yield address


@asynccontextmanager
async def two_workers(**settings: Any) -> AsyncIterator[tuple[str, str]]:
    """With two partitions each; both know where the other answers."""
    desks = [desk_of(*(holding(number, EVENTS) for number in own)) for own in ((0, 1), (2, 3))]
    async with AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(worker(desk, **settings)) for desk in desks]
        for desk in desks:
            desk.owners = lambda: {0: first, 1: first, 2: second, 3: second}
        yield first, second


async def asked(address: str, name: str, **headers: str) -> tuple[int, dict[str, Any]]:
    async with (
        aiohttp.ClientSession(headers=headers) as client,
        client.get(address + PATH, params={"id": name}, ssl=False) as answer,
    ):
        return answer.status, await answer.json() if answer.status != 401 else {}


async def test_any_worker_tells_about_every_customer() -> None:
    async with two_workers() as addresses:
        for name, person in PEOPLE.items():
            answers = [await asked(address, name) for address in addresses]
            assert answers[0] == answers[1]
            status, found = answers[0]
            assert (status, found["customer_id"], found["complete"]) == (200, name, True)
            assert found["as_of"] == "2024-05-28T20:26:40Z"
            same(found, person)


def same(found: dict[str, Any], person: Person) -> None:
    net = {currency: float(amount) for currency, amount in person.net_revenue().items()}
    assert {v["currency"]: v["net_revenue"] for v in found["value"] if v["orders"]} == net
    assert [one["subscription_id"] for one in found["subscriptions"]] == sorted(person.lives)


async def test_workers_ask_each_other_with_the_token_and_over_tls(tmp_path: Path) -> None:
    files = certificates(tmp_path)
    settings = {
        "http_token": TOKEN,
        "http_tls_certificate_file": files.certificate,
        "http_tls_key_file": files.key,
    }
    name, right = next(iter(PEOPLE)), {"Authorization": f"Bearer {TOKEN}"}
    async with two_workers(**settings, http_tls_ca_file=files.authorities) as addresses:
        assert [(await asked(address, name))[0] for address in addresses] == [401, 401]
        assert [(await asked(address, name, **right))[0] for address in addresses] == [200, 200]
    async with two_workers(**settings) as addresses:  # who does not trust the other's certificate
        assert sorted([(await asked(address, name, **right))[0] for address in addresses]) == [200, 503]


async def test_it_is_off_unless_it_is_switched_on() -> None:
    async with worker(desk_of(*(holding(n, EVENTS) for n in range(4))), customer_api=False) as address:
        status, found = await asked(address, next(iter(PEOPLE)))
    assert status == 404
    assert "customer_api" in found["error"]


async def test_whom_nobody_knows_is_not_found() -> None:
    async with two_workers() as addresses:
        for address in addresses:
            status, found = await asked(address, "nobody-we-know")
            assert (status, found["error"]) == (404, "there is no customer with this id")


async def test_who_cannot_be_reached_is_told_without_the_id() -> None:
    desk = desk_of()
    desk.owners = lambda: dict.fromkeys(range(4), "http://127.0.0.1:9")
    async with worker(desk) as address:
        status, found = await asked(address, "nobody-we-know")
        assert status == 503
        assert "does not answer at http://127.0.0.1:9" in found["error"]
        assert "nobody" not in found["error"]
        desk.owners = dict
        status, found = await asked(address, "nobody-we-know")
        assert status == 503
        assert "advertised_url" in found["error"]
        desk.partitions = 0
        assert (await asked(address, "nobody-we-know"))[0] == 503


async def test_a_question_is_passed_on_once() -> None:
    """Two workers that each take the other for the owner do not ask each other for ever."""
    desks = desk_of(), desk_of()
    async with worker(desks[0]) as first, worker(desks[1]) as second:
        desks[0].owners = lambda: dict.fromkeys(range(4), second)
        desks[1].owners = lambda: dict.fromkeys(range(4), first)
        status, found = await asked(first, "nobody-we-know")
    assert (status, found["error"]) == (503, "the customer's partition has just moved to another worker")


@pytest.mark.parametrize("query", [{}, {"id": ""}, {"id": "x" * 257}, {"id": "c1", "name": "c1"}])
async def test_what_is_not_an_id_is_refused(query: dict[str, str]) -> None:
    async with (
        worker(desk_of()) as address,
        aiohttp.ClientSession() as client,
        client.get(address + PATH, params=query) as answer,
    ):
        assert answer.status == 400
        assert "error" in await answer.json()


def test_personal_data_leave_the_machine_only_with_a_token() -> None:
    with pytest.raises(ValueError, match="http_token_file"):
        Settings(customer_api=True, http_host="0.0.0.0")
    assert Settings(customer_api=True, http_host="0.0.0.0", http_token=TOKEN).customer_api


async def test_the_command_tells_it_for_the_eye_and_as_json() -> None:
    name, person = max(PEOPLE.items(), key=lambda item: len(item[1].orders) * len(item[1].lives))
    async with two_workers() as (address, _):
        shown = await called("customer", name, "--url", address)
        piped = await called("customer", "-", "--json", "--url", address, said=name)
        unsaid = await called("customer", "-", "--url", address)
        with pytest.raises(UserError, match="there is no customer with this id"):
            await asyncio.to_thread(ask, address, None, PATH, {"id": "nobody-we-know"})
    assert shown.exit_code == 0, shown.output
    assert all(word in shown.stdout for word in ("Value so far", "Subscriptions", "Orders, the newest first"))
    assert f"{float(next(iter(person.net_revenue().values()))):,.2f}" in shown.stdout
    assert json.loads(piped.stdout)["customer_id"] == name
    assert unsaid.exit_code != 0
    assert "no customer: give its id" in unsaid.output


async def called(*arguments: str, said: str = "") -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, f"{said}\n", {"COLUMNS": "200"})
