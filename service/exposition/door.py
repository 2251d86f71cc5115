"""Who may ask on the HTTP port, how much at once, and what every answer says to browsers."""

import asyncio
import hmac
import logging
import ssl
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from service.exposition.replies import json_reply

UNREADABLE = "the request cannot be read: its lines or headers are too long, or it is not HTTP"
NOTHING = "there is nothing at this path; docs/http.md has the paths"
OPEN = "/livez"  # needs no token: it says nothing but that the process turns
LINE_BYTES, FIELD_BYTES, FIELDS = 4_096, 8_190, 64  # of a request, at most
IDLE_SECONDS = 75.0  # then a connection is closed, one on which no request was ever finished too
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "subpulse",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer: nothing is kept, framed, embedded elsewhere, or taken for what it is not."""

log = logging.getLogger("subpulse.http.answers")


def _our_errors_only(record: logging.LogRecord) -> bool:
    """What is wrong with a request concerns who sent it; it would stand in the log word by word, a token
    too."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


log.addFilter(_our_errors_only)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Runner(web.AppRunner):
    """Accepts so many connections at once, and small requests only."""

    def __init__(self, app: web.Application, connections: int, **kwargs: Any) -> None:
        super().__init__(
            app,
            access_log=None,
            logger=log,
            handle_signals=False,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=0,
            max_line_size=LINE_BYTES,
            max_field_size=FIELD_BYTES,
            max_headers=FIELDS,
            **kwargs,
        )
        self._most = connections

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        return _Limited(server, self._most)  # type: ignore[return-value]


class _Limited:
    """aiohttp's server, that is: its factory of connections, with a limit."""

    def __init__(self, server: web.Server, most: int) -> None:
        self._server, self._most = server, most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def __call__(self) -> asyncio.Protocol:
        if len(self._server.connections) >= self._most:
            return _TurnedAway()
        return _Connection(self._server, loop=asyncio.get_running_loop(), **self._server._kwargs)


class _Connection(web.RequestHandler):
    """aiohttp's, whose answer to what it cannot read would repeat it word by word, an id or a token too."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that cannot be read, or at which a handler failed."""
        answer = super().handle_error(request, status, exc, message)
        if status < 500:
            answer = json_reply({"error": UNREADABLE}, status)
            answer.force_close()
        answer.headers.update(HEADERS)
        return answer


class _TurnedAway(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def guard(token: str | None) -> Any:
    """The middleware that lets through requests without a body, and with the token where there is one."""
    wanted = None if token is None else sha256(f"Bearer {token}".encode()).digest()

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.can_read_body:
            raise web.HTTPRequestEntityTooLarge(0, text="requests have no body here")
        if wanted is not None and request.path != OPEN:
            given = sha256(request.headers.get("Authorization", "").encode("utf-8", "replace")).digest()
            if not hmac.compare_digest(given, wanted):
                raise web.HTTPUnauthorized(
                    headers={"WWW-Authenticate": "Bearer"}, text="a bearer token is needed"
                )
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return json_reply({"error": NOTHING}, 404)

    return guarded


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Before each answer is sent."""
    response.headers.update(HEADERS)
    if request.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


def tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """The server's side of TLS 1.2 or later. Raises ValueError with a sentence."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, "")  # with no password at all it would ask the terminal
    except (ssl.SSLError, ValueError):
        raise ValueError(
            "settings http_tls_certificate_file and http_tls_key_file: no PEM, not of each other, or the key "
            "is encrypted"
        ) from None
    return context
