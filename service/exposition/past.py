"""The figures of the whole business at any instant that can be told, asked of all partitions' owners."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import msgspec
from aiohttp import web

from service.domain.metrics import Definitions, Summary, View, total, view
from service.exposition.neighbours import AbsentError, Neighbours
from service.exposition.replies import json_reply, later
from service.figures.desk import Desk, Share

SHARES = "/api/v1/shares"
"""The path on which workers ask each other for their partitions' share of a past instant."""
WAITING = 8  # such questions at once; each waits for its turn in the refresh thread
NOT_YET = "no partition has been read yet"

_shares = msgspec.msgpack.Decoder(dict[int, Share])
encode = msgspec.msgpack.Encoder().encode


class Told(NamedTuple):
    """The figures of an instant; whether every partition had been read to its end."""

    view: View
    complete: bool


class Past:
    """Puts together what the owners of all partitions say of an instant."""

    def __init__(self, desk: Desk, neighbours: Neighbours, thread: Executor) -> None:
        self._desk, self._neighbours, self._thread = desk, neighbours, thread
        self._asked = 0

    async def at(self, as_of: int, written: Mapping[int, Share] | None = None) -> Told:
        """The figures of an instant (microseconds). `written`: what is known already, by partition.

        Raises:
            AbsentError: a partition has no owner that answers; the message is a sentence for whoever asked.
        """
        if not self._desk.partitions:
            raise AbsentError(NOT_YET)
        shares = await self._shares(as_of, written or {})
        work = partial(divided, [share.summary for share in shares.values()], self._desk.definitions)
        try:
            whole = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except ValueError as error:  # a summary of another version
            raise AbsentError(f"workers are of different versions: {error}") from None
        return Told(whole, all(share.complete for share in shares.values()))

    async def _shares(self, as_of: int, written: Mapping[int, Share]) -> dict[int, Share]:
        desk, every = self._desk, range(self._desk.partitions)
        own = desk.parts().keys()
        shares = {**written, **await desk.shares(as_of, own - written.keys())}
        owners, by_url = desk.owners(), defaultdict[str | None, list[int]](list)
        for number in every:
            if number not in own and number not in shares:
                by_url[owners.get(number)].append(number)
        for url, numbers in by_url.items():
            shares |= await self._ask(url, as_of, numbers)
        if missing := [number for number in every if number not in shares]:
            raise AbsentError(f"partitions {missing} have just moved to other workers, or are being read")
        return shares

    async def _ask(self, url: str | None, as_of: int, numbers: Collection[int]) -> dict[int, Share]:
        query = {
            "as_of": str(as_of),
            "partitions": ",".join(map(str, numbers)),
            "fingerprint": self._desk.definitions.fingerprint(),
        }
        status, body = await self._neighbours.ask(min(numbers), url, SHARES, query)
        if status != 200:
            raise AbsentError(
                f"the worker at {url} answers {status}: {body[:500].decode('utf-8', 'replace')}"
            )
        return _shares.decode(body)

    async def shares(self, request: web.Request) -> web.Response:
        """The handler of SHARES."""
        try:
            as_of, fingerprint = int(request.query["as_of"]), request.query["fingerprint"]
            numbers = {int(number) for number in request.query["partitions"].split(",")}
        except (KeyError, ValueError):
            return json_reply({"error": "this path is for workers that ask each other"}, 400)
        if fingerprint != self._desk.definitions.fingerprint():
            return json_reply({"error": "workers have other settings: give all the same"}, 409)
        if self._asked >= WAITING:
            return later("too many other workers ask at once")
        self._asked += 1
        try:
            found = await self._desk.shares(as_of, numbers)
        finally:
            self._asked -= 1
        return web.Response(body=encode(found), content_type="application/msgpack")


def divided(packed: list[bytes], definitions: Definitions) -> View:
    """In a thread: the figures of the sum of all partitions' summaries."""
    return view(total([Summary.unpack(summary) for summary in packed]), definitions)
