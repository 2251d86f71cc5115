"""Answers in JSON."""

from typing import Any

import msgspec
from aiohttp import web

PAUSE = 2  # seconds until what is not there now may be


def json_reply(document: Any, status: int = 200) -> web.Response:
    """A document as an answer."""
    return web.Response(body=msgspec.json.encode(document), status=status, content_type="application/json")


def later(why: str, seconds: int = PAUSE, status: int = 503) -> web.Response:
    """No answer now; ask again in so many seconds."""
    reply = json_reply({"error": why}, status)
    reply.headers["Retry-After"] = str(seconds)
    return reply
