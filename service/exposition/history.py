"""/api/v1/figures?as_of=… and /api/v1/history: figures of the past, one question at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Executor
from typing import Any

import msgspec
from aiohttp import web
from aiokafka.errors import KafkaError

from schemas.instants import format_instant
from service.exposition import business
from service.exposition.choosing import Wanted, once
from service.exposition.neighbours import AbsentError
from service.exposition.past import Past
from service.exposition.replies import json_reply, later
from service.exposition.spans import Span, in_reach
from service.figures.desk import Desk, Written

BUSY = "another question about the past is being answered: ask again in a moment"
NOT_YET = "no partition has been read yet"
PAUSE = 5  # seconds
SPAN = ("from", "to", "step")


class History:
    """The handlers. An answer may take long, so only one is worked at; whoever comes meanwhile is told to ask
    again."""

    def __init__(self, past: Past, desk: Desk, thread: Executor) -> None:
        self._past, self._desk, self._thread = past, desk, thread
        self._definitions = desk.definitions
        self._one = asyncio.Lock()

    async def figures(self, request: web.Request) -> web.Response:
        """All figures, or some, at one instant."""
        return await self._answer(request, self._at_one)

    async def history(self, request: web.Request) -> web.Response:
        """Figures at many instants."""
        return await self._answer(request, self._at_many)

    async def _answer(
        self, request: web.Request, answer: Callable[[web.Request], Awaitable[Callable[[], Any]]]
    ) -> web.Response:
        """`answer` finds out what makes the document; that it is made, and written, is for the thread."""
        if self._one.locked():
            return later(BUSY, PAUSE, status=429)
        async with self._one:
            try:
                document = await answer(request)
            except ValueError as error:
                return json_reply({"error": str(error)}, 400)
            except AbsentError as error:
                return later(str(error))
            loop = asyncio.get_running_loop()
            body = await loop.run_in_executor(self._thread, lambda: msgspec.json.encode(document()))
            return web.Response(body=body, content_type="application/json")

    async def _at_one(self, request: web.Request) -> Callable[[], Any]:
        wanted = self._wanted(request, ("as_of",))
        as_of = in_reach(once(request.query, ("as_of",))["as_of"], "as_of", self._now(), self._definitions)
        told = await self._past.at(as_of)
        return lambda: {
            "as_of": format_instant(as_of),
            "complete": told.complete,
            "figures": business.rows(figure for figure in told.view.figures if wanted.holds(figure)),
        }

    async def _at_many(self, request: web.Request) -> Callable[[], Any]:
        wanted = self._wanted(request, SPAN)
        span = Span.of(once(request.query, SPAN), self._now(), self._definitions)
        instants = span.instants(self._definitions)
        series, complete = business.Series(), True
        written = await self._written(instants)
        for as_of in instants:
            if request.transport is None:
                break  # nobody listens any more
            told = await self._past.at(as_of, written.get(as_of))
            series.add(figure for figure in told.view.figures if wanted.holds(figure))
            complete = complete and told.complete
        return lambda: {
            "complete": complete,
            "from": format_instant(span.first),
            "to": format_instant(span.last),
            "instants": [format_instant(as_of) for as_of in instants],
            "series": series.rows(),
        }

    def _wanted(self, request: web.Request, others: Collection[str]) -> Wanted:
        wanted = Wanted.of(request.query, self._definitions, others)
        wanted.refuse_what_is_of_now()
        return wanted

    async def _written(self, instants: Collection[int]) -> Written:
        try:
            return await self._desk.written(instants)
        except (KafkaError, OSError, TimeoutError) as error:
            raise AbsentError(f"the daily history cannot be read: {type(error).__name__}") from None

    def _now(self) -> int:
        if (now := self._desk.now()) is None:
            raise AbsentError(NOT_YET)
        return now
