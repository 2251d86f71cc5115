"""One customer, told by whichever worker is asked.

The id travels in the query alone: never in a path, a log, or the text of an error.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import Any

from aiohttp import web

from schemas.instants import format_instant
from service.domain.metrics import Definitions
from service.domain.metrics.fits import Fits
from service.domain.metrics.tally import Tally
from service.domain.portrait import portrait
from service.domain.records.customer import Credits, Customer
from service.exposition.choosing import once
from service.exposition.neighbours import FORWARDED, AbsentError, Neighbours
from service.exposition.replies import json_reply, later
from service.figures.desk import Desk, Found

PATH = "/api/v1/customers"
OFF = "this worker tells nothing about single customers: see the setting customer_api"
UNKNOWN = "there is no customer with this id"
NOT_YET = "no partition has been read yet"
MOVED = "the customer's partition has just moved to another worker"
_INSTANTS = ("at", "since", "until")


class Customers:
    """The handler of that path."""

    def __init__(self, desk: Desk, neighbours: Neighbours, thread: ThreadPoolExecutor) -> None:
        self._desk, self._neighbours, self._thread = desk, neighbours, thread

    async def tell(self, request: web.Request) -> web.Response:
        """The customer, from this worker's records or from its owner's."""
        try:
            name = wanted(once(request.query))
        except ValueError as error:
            return json_reply({"error": str(error)}, 400)
        if (now := self._desk.now()) is None or not self._desk.partitions:
            return later(NOT_YET)
        if (found := self._desk.customer(name)) is not None:
            return await self._told(name, found, now)
        if FORWARDED in request.headers:
            return later(MOVED)
        return await self._pass_on(name)

    async def _told(self, name: str, found: Found, now: int) -> web.Response:
        if found.customer is None:
            return json_reply({"error": UNKNOWN, "complete": found.complete}, 404)
        desk = self._desk
        work = partial(
            document, name, found.customer, now, desk.definitions, desk.fits(), desk.sums(), found.credits
        )
        told = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        return json_reply({"complete": found.complete, **told})

    async def _pass_on(self, name: str) -> web.Response:
        number = self._desk.place(name)
        try:
            url = self._desk.owners().get(number)
            status, body = await self._neighbours.ask(number, url, PATH, {"id": name})
        except AbsentError as error:
            return later(str(error))
        return web.Response(status=status, body=body, content_type="application/json")


async def switched_off(request: web.Request) -> web.Response:
    """What the path answers as long as nobody has switched it on."""
    return json_reply({"error": OFF}, 404)


def wanted(query: Mapping[str, str]) -> str:
    """The id that is asked for.

    Raises:
        ValueError: there is none, or something else beside it; the text is a sentence for whoever asked.
    """
    if others := query.keys() - {"id"}:
        raise ValueError(f"{min(others)}: there is no such parameter; there is id")
    name = query.get("id", "")
    if not 1 <= len(name) <= 256 or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise ValueError("id: expected a customer_id, 1 to 256 characters")
    return name


def document(
    name: str,
    customer: Customer,
    as_of: int,
    definitions: Definitions,
    fits: Fits,
    business: Tally,
    credits: Credits | None,
) -> dict[str, Any]:
    """What is told of a customer."""
    told: dict[str, Any] = _written(asdict(portrait(customer, as_of, definitions, fits, business, credits)))
    return {"customer_id": name, "as_of": format_instant(as_of), **told}


def _written(value: Any, name: str = "") -> Any:
    """With instants as the contract writes them."""
    match value:
        case dict():
            return {key: _written(one, key) for key, one in value.items()}
        case list() | tuple():
            return [_written(one) for one in value]
        case int() if name in _INSTANTS or name.endswith("_at"):
            return format_instant(value)
    return value
