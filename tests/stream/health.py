"""Asking a worker for its health, again and again."""

import asyncio
import time
from collections.abc import Callable

import aiohttp

from tests.stream.application import Application

Health = tuple[int, list[str]]  # status and reasons


async def ask(application: Application, path: str, seconds: float = 10) -> Health:
    """What one path answers; 0 when nothing does in time."""
    address = f"http://127.0.0.1:{application.settings['http_port']}{path}"
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as client, client.get(address) as answer:
            return answer.status, (await answer.json()).get("reasons", [])
    except (aiohttp.ClientError, TimeoutError):
        return 0, []


async def until(
    application: Application, fits: Callable[[Health], bool], seconds: float = 90, steady: bool = True
) -> None:
    """Until /readyz answers as wanted; `steady`: /livez answers 200 all the while, once anything does."""
    limit, alive = time.monotonic() + seconds, False
    while not fits(found := await ask(application, "/readyz")):
        assert time.monotonic() < limit, (found, application.told())
        if alive and steady:
            assert await ask(application, "/livez") == (200, [])
        alive = alive or found[0] != 0
        await asyncio.sleep(0.1)


def ready(found: Health) -> bool:
    """Whether /readyz answered that all is well."""
    return found == (200, [])


def told(words: str) -> Callable[[Health], bool]:
    """Whether /readyz answered that something is amiss, and one reason says this."""
    return lambda found: found[0] == 503 and any(words in reason for reason in found[1])
