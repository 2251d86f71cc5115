"""The course of the demo: broker, topics, workers, history, first figures, then live events under a table."""

import asyncio
import signal
import time

from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console
from rich.live import Live

from service.demo.installation import Installation, installation
from service.demo.keys import key_presses
from service.demo.reading import Reading, fetch
from service.demo.screen import WINDOWS, Story, screen, tables
from service.demo.sending import send
from service.demo.stages import Stages
from service.demo.wish import DAYS_OF_HISTORY, Wish
from service.embedded.ports import free_port, is_free
from service.errors import UserError
from service.settings import Settings
from service.simulation import Business
from service.simulation.lapse import Lapse
from service.simulation.seasons import DAY
from service.stream.connection import client_options
from service.stream.publishing import Publisher
from service.stream.topics import ensure, wanted

SPIKE = 10.0
"""Times the usual churn."""

_REFRESH = 1.0
_FIRST_FIGURES_WITHIN = 300.0
_FRAME, _ASK_EVERY, _PRINT_EVERY = 0.25, 1.0, 15.0


def run(wish: Wish, out: Console, stages: Stages) -> None:
    """Run the demo to its end; figures go to `out`, what is being done to the console of `stages`.

    Raises BrokerError or UserError with a sentence, KeyboardInterrupt when it was stopped by a signal.
    However it ends, no process and no folder of it remains.
    """
    with installation(stages) as installed:
        stages.say(f"Kafka answers on {installed.broker.bootstrap}.")
        try:
            asyncio.run(_Show(wish, installed, out, stages).run())
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


class _Show:
    """One run of the demo inside its installation."""

    def __init__(self, wish: Wish, installed: Installation, out: Console, stages: Stages) -> None:
        self._wish, self._installed, self._out, self._stages = wish, installed, out, stages
        self._settings = Settings(brokers=installed.broker.bootstrap, partitions=wish.partitions)
        self._now = time.time_ns() // 1_000
        lapse = Lapse(self._now, max(1, round(wish.hours_a_second * 3_600)))
        start = self._now - DAYS_OF_HISTORY * DAY
        self._business = Business(wish.seed, start, DAYS_OF_HISTORY, wish.customers, lapse)
        self._story = Story((), wish.hours_a_second, SPIKE)
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Everything from the topics on."""
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await self._create_topics()
        self._start_workers()
        async with Publisher(client_options(self._settings)) as publisher:
            await self._tell_history(publisher)
            reading = await self._first_figures(time.time())
            if self._wish.once:
                self._out.print(tables(reading, self._out, all_details=True))
            elif self._out.is_terminal:
                await self._live(publisher, reading)
            else:
                await self._live_in_plain_text(publisher)

    async def _create_topics(self) -> None:
        settings = self._settings
        own = (settings.changelog_topic, settings.dead_letters_topic, settings.summaries_topic)
        topics = wanted(settings.sources.values(), *own, settings.partitions)
        admin = AIOKafkaAdminClient(**client_options(settings))
        await admin.start()
        try:
            await ensure(admin, topics)
        finally:
            await admin.close()
        names = ", ".join(settings.sources.values())
        self._stages.say(
            f"Topics are there: {names}, and subpulse's own; {settings.partitions} partitions each."
        )

    def _start_workers(self) -> None:
        ports = _http_ports(self._wish.http_port, self._wish.workers)
        self._story.addresses = tuple(f"http://127.0.0.1:{port}" for port in ports)
        for number, port in enumerate(ports, 1):
            environment = {
                "SUBPULSE_BROKERS": self._settings.brokers,
                "SUBPULSE_HTTP_PORT": str(port),
                "SUBPULSE_REFRESH_INTERVAL": str(_REFRESH),
                "SUBPULSE_WINDOWS": ",".join(WINDOWS),
            }
            log = self._installed.folder / f"worker-{number}.log"
            child = self._installed.workers.start(["worker", "--no-restart"], environment, log)
            self._stages.say(
                f"Worker {number} is starting (process {child.pid}), to be found on port {port}."
            )

    async def _tell_history(self, publisher: Publisher) -> None:
        self._stages.say(
            f"Publishing two years of a simulated business with some {self._wish.customers:,} customers …"
        )
        count = await send(publisher, self._settings.sources, self._business.until(self._now))
        self._stages.say(f"History is published: {count:,} events. Waiting for the workers' figures …")

    async def _first_figures(self, published_at: float) -> Reading:
        patience = time.monotonic() + _FIRST_FIGURES_WITHIN
        while time.monotonic() < patience:
            self._look_after_workers()
            reading = await self._ask()
            if reading is not None and reading.is_complete_since(published_at):
                self._stages.say(f"First full figures, {self._stages.seconds:.1f} s after the start.")
                for address in self._story.addresses:
                    self._stages.say(f"{address}/metrics and {address}/api/v1/figures")
                return reading
            await asyncio.sleep(_FRAME)
        self._tell_last_words(1)
        raise UserError(
            f"no full figures after {_FIRST_FIGURES_WITHIN:.0f} s; worker 1's last lines stand above"
        )

    async def _live(self, publisher: Publisher, reading: Reading) -> None:
        """Feed live events and keep the screen up to date until `q`."""
        self._turn_churn(self._wish.spike)
        with (
            Live(console=self._out, screen=True, auto_refresh=False) as display,
            key_presses(self._on_key) as keys,
        ):
            self._story.keys = keys
            asked = 0.0
            while not self._ended.is_set():
                self._look_after_workers()
                await self._feed(publisher)
                if time.monotonic() - asked >= _ASK_EVERY:
                    asked = time.monotonic()
                    reading = await self._ask() or reading
                display.update(screen(reading, self._out, self._story), refresh=True)
                await asyncio.sleep(_FRAME)

    async def _live_in_plain_text(self, publisher: Publisher) -> None:
        """Feed live events and print the tables now and then until a signal."""
        self._turn_churn(self._wish.spike)
        printed = 0.0
        while True:
            self._look_after_workers()
            await self._feed(publisher)
            if time.monotonic() - printed >= _PRINT_EVERY:
                printed = time.monotonic()
                reading = await self._ask()
                if reading is not None:
                    self._out.print(tables(reading, self._out, all_details=True))
            await asyncio.sleep(_FRAME)

    async def _ask(self) -> Reading | None:
        return await asyncio.to_thread(fetch, self._story.addresses[0])

    async def _feed(self, publisher: Publisher) -> None:
        events = self._business.until(time.time_ns() // 1_000)
        self._story.live_events += await send(publisher, self._settings.sources, events)

    def _on_key(self, key: str) -> None:
        if key in "cC":
            self._turn_churn(not self._story.spiking)
        elif key in "qQ":
            self._ended.set()

    def _turn_churn(self, spiking: bool) -> None:
        self._story.spiking = spiking
        self._business.churn = SPIKE if spiking else 1.0

    def _look_after_workers(self) -> None:
        for number, child in enumerate(self._installed.workers, 1):
            if child.code is not None:
                self._tell_last_words(number)
                raise UserError(
                    f"worker {number} ended with exit code {child.code}; its last lines stand above"
                )

    def _tell_last_words(self, number: int) -> None:
        child = list(self._installed.workers)[number - 1]
        self._stages.say(f"The last that worker {number} said:\n{child.last_words()}")


def _http_ports(first: int, workers: int) -> list[int]:
    """Ports for the workers: the wanted one for the first, if it is free; free ones for the others."""
    ports = [first] if first and is_free(first) else []
    while len(ports) < workers:
        port = free_port()
        if port not in ports:
            ports.append(port)
    return ports
