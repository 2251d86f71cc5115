"""One HTTP port in the worker's event loop: /metrics, /livez, /readyz and what is below /api/v1.

Handlers take an immutable snapshot and leave; encoding happens in a thread, off the path of the events.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from prometheus_client import PROCESS_COLLECTOR

from service.domain.metrics import Definitions, Summary
from service.errors import UserError
from service.exposition import asking, customers, door, process
from service.exposition.build import build
from service.exposition.choosing import Wanted, once
from service.exposition.encoding import encode
from service.exposition.health import Patience, document
from service.exposition.history import History
from service.exposition.neighbours import neighbours
from service.exposition.past import SHARES, Past
from service.exposition.replies import json_reply
from service.exposition.snapshot import Snapshot
from service.figures.desk import Desk
from service.figures.views import Views
from service.now import now_micros
from service.settings import Settings
from service.settings.checks import is_loopback
from service.stream.status import Status
from service.stream.telemetry import Telemetry

NO_FIGURES = "no figures yet: not all partitions have been read and summarized for one common instant"
SHUTDOWN_SECONDS = 2.0

log = logging.getLogger("subpulse.http")
T = TypeVar("T")
Answer = Callable[[Summary, Definitions, Mapping[str, str]], dict[str, Any]]


class PortError(UserError):
    """The HTTP port cannot be opened."""


class Handlers:
    """One method per path."""

    def __init__(
        self,
        status: Status,
        telemetry: Telemetry,
        views: Views,
        settings: Settings,
        thread: ThreadPoolExecutor,
        history: History,
    ) -> None:
        self._history = history
        self._status, self._telemetry, self._views, self._thread = status, telemetry, views, thread
        self._topics = tuple(settings.sources.values())
        self._definitions, self._series_limit = settings.definitions(), settings.series_limit
        self._patience = Patience.of(settings.patience, settings.refresh_interval, settings.commit_interval)

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus text; OpenMetrics where the request asks for it."""
        snapshot, accept = self._snapshot(), request.headers.get("Accept", "")
        body, content_type = await self._in_thread(lambda: encode(snapshot.families(), accept))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def figures(self, request: web.Request) -> web.Response:
        """The figures as JSON; `name` and any label as query parameters choose among them, `as_of` asks for
        those of another instant."""
        if "as_of" in request.query:
            return await self._history.figures(request)
        try:
            wanted = Wanted.of(request.query, self._definitions)
        except ValueError as error:
            return json_reply({"error": str(error)}, 400)
        snapshot = self._snapshot()
        body = await self._in_thread(lambda: msgspec.json.encode(snapshot.document(wanted)))
        if snapshot.shown.view is None:
            return json_reply({"error": NO_FIGURES, **msgspec.json.decode(body)}, 503)
        return web.Response(body=body, content_type="application/json")

    async def what_if(self, request: web.Request) -> web.Response:
        """The business in 12 months, at the present course and with something changed."""
        return await self._asked(request, asking.what_if)

    async def cohorts(self, request: web.Request) -> web.Response:
        """Customers by the month of their first activity, and what became of them."""
        return await self._asked(request, asking.cohorts)

    async def _asked(self, request: web.Request, answer: Answer) -> web.Response:
        """What a question answers from the sums behind the figures; 400 where it cannot be asked so."""
        shown = self._views.latest
        if (summary := shown.summary) is None:
            return json_reply({"error": NO_FIGURES}, 503)
        try:
            query = once(request.query)
            found = await self._in_thread(lambda: answer(summary, self._definitions, query))
        except ValueError as error:
            return json_reply({"error": str(error)}, 400)
        return json_reply({"complete": shown.complete, **found})

    async def alive(self, request: web.Request) -> web.Response:
        """200 as long as the event loop turns."""
        return json_reply({"alive": True, "phase": self._status.phase})

    async def ready(self, request: web.Request) -> web.Response:
        """200 when this worker does its part, else 503 with the reasons."""
        told = document(self._status, self._patience)
        return json_reply(told, 200 if told["ready"] else 503)

    def _snapshot(self) -> Snapshot:
        owned = self._status.assigned or frozenset()
        families = (
            *process.families(self._telemetry, self._topics, owned, build()),
            *PROCESS_COLLECTOR.collect(),
        )
        return Snapshot(self._views.latest, self._views.exporting, families, now_micros(), self._series_limit)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@asynccontextmanager
async def serve(
    status: Status, telemetry: Telemetry, views: Views, settings: Settings, desk: Desk
) -> AsyncIterator[str]:
    """Serve until the context is left; yields the address, as http://127.0.0.1:8000.

    Raises:
        PortError: the port is taken, or the address is not one of this machine.
    """
    async with AsyncExitStack() as open_things:
        thread = open_things.enter_context(ThreadPoolExecutor(1, "http"))
        others = await open_things.enter_async_context(neighbours(settings))
        past = Past(desk, others, thread)
        history = History(past, desk, thread)
        handlers = Handlers(status, telemetry, views, settings, thread, history)
        app = web.Application(middlewares=[door.guard(settings.token)])
        app.on_response_prepare.append(door.add_headers)
        app.router.add_get("/metrics", handlers.metrics)
        app.router.add_get("/api/v1/figures", handlers.figures)
        app.router.add_get("/api/v1/cohorts", handlers.cohorts)
        app.router.add_get("/api/v1/what-if", handlers.what_if)
        app.router.add_get("/api/v1/history", history.history)
        app.router.add_get(SHARES, past.shares)
        one = customers.Customers(desk, others, thread)
        app.router.add_get(customers.PATH, one.tell if settings.customer_api else customers.switched_off)
        app.router.add_get("/livez", handlers.alive)
        app.router.add_get("/readyz", handlers.ready)
        runner = door.Runner(app, settings.http_connections, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            address = await _listen(runner, settings)
            log.info("figures are at %s/metrics and %s/api/v1/figures, health at %s/readyz", *[address] * 3)
            yield address
        finally:
            await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> str:
    host, port = settings.http_host, settings.http_port
    certificate, key = settings.http_tls_certificate_file, settings.http_tls_key_file
    try:
        context = door.tls(certificate, key) if certificate and key else None
    except ValueError as error:
        raise PortError(str(error)) from None
    try:
        await web.TCPSite(runner, host, port, ssl_context=context).start()
    except OSError as error:
        raise PortError(
            f"cannot serve HTTP on {host}:{port}: {error.strerror or error}; choose another with "
            "the settings http_host and http_port (another worker may have it; port 0 picks a free one)"
        ) from None
    if not is_loopback(host) and not (settings.token and context):
        missing = "http_token_file" if settings.token is None else "http_tls_certificate_file"
        log.warning(
            "figures are open to whoever can reach or overhear %s: guard it, or set %s", host, missing
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if context else 'http'}://{shown}:{runner.addresses[0][1]}"
