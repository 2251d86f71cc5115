"""A TCP proxy in front of a broker's listener, to do to connections what networks do to them.

It reads the length and the kind of each request that passes, so that it can strike at one certain step, such
as between a transaction's records and its commit.
"""

import asyncio
from contextlib import suppress
from typing import NamedTuple

LOOPBACK = "127.0.0.1"
PRODUCE, INIT_PRODUCER_ID, TXN_OFFSET_COMMIT, END_TXN = 0, 22, 28, 26  # kinds of requests (api keys of Kafka)
PIECE = 64 * 1024
ANSWER_SECONDS = 0.5  # that a broker gets to carry out a request whose answer is to be lost


class Trap(NamedTuple):
    """What happens to the next requests of one kind."""

    api: int
    forwarded: bool  # the broker gets the request, and only the answer is lost; else nobody gets anything
    times: int = 1
    silence: float = 0.0  # seconds after the last one in which nobody gets through


class Proxy:
    """One port that stands for a broker's. Everything about it may be changed while connections are open."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self._target = port, target
        self.delay = 0.0  # seconds that every piece of data waits, in both directions
        self.sprung = 0  # requests that met a trap
        self.connections = 0  # accepted so far
        self._trap: Trap | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._open: set[_Connection] = set()
        self._waiting: set[asyncio.StreamWriter] = set()  # accepted while nothing moves
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Accept connections, those of another event loop than before too."""
        self._flowing, self._trap = asyncio.Event(), None
        self._flowing.set()
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    async def close(self) -> None:
        """Accept none any more, and end those there are."""
        if self._server is not None:
            self._server.close()
        self._flowing.set()
        self.cut()

    def cut(self) -> None:
        """End all connections at once, without a word; new ones are accepted."""
        for connection in list(self._open):
            connection.abort()
        for writer in self._waiting:
            writer.transport.abort()

    def hold(self) -> None:
        """From now on nothing moves, and nobody is told: all connections are half open."""
        self._flowing.clear()

    def release(self, *, deliver: bool) -> None:
        """Let things move again: what was under way arrives late, or with its connection not at all."""
        if not deliver:
            self.cut()
        self._flowing.set()

    def set_trap(self, trap: Trap | None) -> None:
        """Strike at the next requests of a kind."""
        self._trap = trap

    async def pause(self) -> None:
        """Wait as long as data has to wait now."""
        if self.delay:
            await asyncio.sleep(self.delay)
        await self._flowing.wait()

    def meets(self, api: int) -> Trap | None:
        """The trap that a request of this kind runs into, if any."""
        trap = self._trap
        if trap is None or trap.api != api:
            return None
        self.sprung += 1
        self._trap = trap._replace(times=trap.times - 1) if trap.times > 1 else None
        if self._trap is None and trap.silence:
            self.hold()
            asyncio.get_running_loop().call_later(trap.silence, lambda: self.release(deliver=False))
        return trap

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._waiting.add(writer)
        await self._flowing.wait()
        self._waiting.discard(writer)
        if writer.transport.is_closing():  # cut meanwhile
            return
        try:
            to_broker = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:  # the broker is away
            writer.transport.abort()
            return
        connection = _Connection(self, (reader, writer), to_broker)
        self._open.add(connection)
        try:
            await connection.run()
        finally:
            self._open.discard(connection)
            connection.abort()


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Connection:
    def __init__(self, proxy: Proxy, client: Stream, broker: Stream) -> None:
        self._proxy, self._client, self._broker = proxy, client, broker
        self._mute = False  # answers are lost

    async def run(self) -> None:
        ways = [asyncio.ensure_future(way) for way in (self._requests(), self._answers())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)

    def abort(self) -> None:
        for _, writer in (self._client, self._broker):
            writer.transport.abort()

    async def _requests(self) -> None:
        reader, writer = self._client[0], self._broker[1]
        with suppress(OSError, EOFError):
            while True:
                size = await reader.readexactly(4)
                request = await reader.readexactly(int.from_bytes(size, "big"))
                trap = self._proxy.meets(int.from_bytes(request[:2], "big"))
                if trap is not None and not trap.forwarded:
                    return
                self._mute = self._mute or trap is not None
                if trap is None:
                    await self._proxy.pause()
                writer.write(size + request)
                await writer.drain()
                if trap is not None:
                    await asyncio.sleep(ANSWER_SECONDS)
                    return

    async def _answers(self) -> None:
        reader, writer = self._broker[0], self._client[1]
        with suppress(OSError):
            while data := await reader.read(PIECE):
                await self._proxy.pause()
                if not self._mute:
                    writer.write(data)
                    await writer.drain()
