"""The other workers of the application, asked over HTTP for what only they hold."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp

from service.settings import Settings

FORWARDED = "Subpulse-Forwarded"
"""The header of a question that another worker passes on: who gets it answers, and asks nobody else."""
SECONDS = 20.0
EVERYWHERE = ("0.0.0.0", "::", "[::]")


class AbsentError(Exception):
    """The worker that holds it cannot be asked; the message is a sentence for whoever asked."""


class Answer(NamedTuple):
    """What another worker answers."""

    status: int
    body: bytes


class Neighbours:
    """Asks them, with the bearer token that all workers of an application share."""

    def __init__(self, session: aiohttp.ClientSession, context: ssl.SSLContext | None) -> None:
        self._session, self._context = session, context

    async def ask(self, partition: int, url: str | None, path: str, query: Mapping[str, str]) -> Answer:
        """What the worker of a partition answers at `url`.

        Raises:
            AbsentError: nobody is known to hold the partition, or does not answer.
        """
        if url is None:
            raise AbsentError(
                f"partition {partition} is with no worker that this one can reach; where workers serve more "
                "than their own machine, the setting advertised_url says where"
            )
        try:
            async with self._session.get(url + path, params=query, ssl=self._context or True) as answer:
                return Answer(answer.status, await answer.read())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            # Not the error's own words: they may hold the address with what was asked.
            raise AbsentError(
                f"the worker of partition {partition} does not answer at {url} ({type(error).__name__}); "
                "if it is gone, another has its partitions within seconds"
            ) from None


@asynccontextmanager
async def neighbours(settings: Settings) -> AsyncIterator[Neighbours]:
    """Ready to ask until the context is left."""
    headers = {FORWARDED: "1"}
    if (token := settings.token) is not None:
        headers["Authorization"] = f"Bearer {token}"
    timeout = aiohttp.ClientTimeout(total=SECONDS, connect=5)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=False) as session:
        trusted = settings.http_tls_ca_file
        yield Neighbours(session, None if trusted is None else await asyncio.to_thread(_trusting, trusted))


def _trusting(authorities: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authorities)


def own_url(settings: Settings, address: str) -> str:
    """Where others reach this worker, which serves at `address`; empty if that is not known."""
    if settings.advertised_url is not None:
        return settings.advertised_url
    return "" if settings.http_host in EVERYWHERE else address
