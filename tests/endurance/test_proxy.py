"""The proxy does to connections what it says."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from service.embedded.ports import free_port
from tests.endurance.proxy import END_TXN, PRODUCE, Proxy, Trap


class Echo:
    """Answers each request of Kafka's shape with itself, and remembers it."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.port = free_port()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = await reader.readexactly(4)
                request = await reader.readexactly(int.from_bytes(size, "big"))
                self.heard.append(request)
                writer.write(size + request)
        except (EOFError, OSError):
            writer.close()


@asynccontextmanager
async def proxied() -> AsyncIterator[tuple[Proxy, Echo]]:
    echo = Echo()
    server = await asyncio.start_server(echo.answer, "127.0.0.1", echo.port)
    proxy = Proxy(free_port(echo.port), echo.port)
    await proxy.start()
    yield proxy, echo
    await proxy.close()
    server.close()


class Client:
    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    async def connect(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._proxy.port)
        return self

    async def send(self, api: int, text: bytes = b"hello") -> None:
        request = api.to_bytes(2, "big") + text
        self.writer.write(len(request).to_bytes(4, "big") + request)
        await self.writer.drain()

    async def answer(self, seconds: float = 5.0) -> bytes:
        async with asyncio.timeout(seconds):
            size = await self.reader.readexactly(4)
            return (await self.reader.readexactly(int.from_bytes(size, "big")))[2:]


async def test_what_is_sent_comes_back_through_it() -> None:
    async with proxied() as (proxy, _):
        client = await Client(proxy).connect()
        for text in (b"one", b"two" * 100_000):
            await client.send(PRODUCE, text)
            assert await client.answer() == text


async def test_a_cut_ends_connections_and_lets_new_ones_in() -> None:
    async with proxied() as (proxy, _):
        client = await Client(proxy).connect()
        await client.send(PRODUCE)
        await client.answer()
        proxy.cut()
        with pytest.raises((EOFError, OSError)):
            await client.answer()
        again = await Client(proxy).connect()
        await again.send(PRODUCE, b"again")
        assert await again.answer() == b"again"


async def test_a_delay_lasts_in_both_directions() -> None:
    async with proxied() as (proxy, _):
        client, proxy.delay = await Client(proxy).connect(), 0.2
        began = time.monotonic()
        await client.send(PRODUCE)
        await client.answer()
        assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize("deliver", [True, False])
async def test_half_open_connections_are_silent_and_deliver_late_or_never(deliver: bool) -> None:
    async with proxied() as (proxy, echo):
        client = await Client(proxy).connect()
        await client.send(PRODUCE, b"before")
        await client.answer()
        proxy.hold()
        await client.send(PRODUCE, b"meanwhile")
        with pytest.raises(TimeoutError):
            await client.answer(0.3)
        assert echo.heard == [b"\0\0before"]
        proxy.release(deliver=deliver)
        if deliver:
            assert await client.answer() == b"meanwhile"
        else:
            with pytest.raises((EOFError, OSError)):
                await client.answer()
            assert echo.heard == [b"\0\0before"]


@pytest.mark.parametrize("forwarded", [True, False])
async def test_a_trap_strikes_at_one_kind_of_request_only(forwarded: bool) -> None:
    async with proxied() as (proxy, echo):
        proxy.set_trap(Trap(END_TXN, forwarded))
        client = await Client(proxy).connect()
        await client.send(PRODUCE, b"records")
        assert await client.answer() == b"records"
        await client.send(END_TXN, b"commit")
        with pytest.raises((EOFError, OSError)):
            await client.answer()
        assert proxy.sprung == 1
        assert (END_TXN.to_bytes(2, "big") + b"commit" in echo.heard) == forwarded
        again = await Client(proxy).connect()
        await again.send(END_TXN, b"once more")
        assert await again.answer() == b"once more"


async def test_while_the_broker_is_away_connections_end_at_once() -> None:
    proxy = Proxy(free_port(), free_port())
    await proxy.start()
    client = await Client(proxy).connect()
    with pytest.raises((EOFError, OSError)):
        await client.answer()
    await proxy.close()
