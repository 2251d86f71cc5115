"""The course of the demo: broker, topics, workers, history, first figures, then live events under a table."""

import asyncio
import signal
import time

from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console

from schemas.instants import DAY
from service.demo.installation import Installation, installation
from service.demo.live import LiveMode
from service.demo.reading import Reading, fetch
from service.demo.screen import Story, addresses, tables, time_lapse
from service.demo.stages import Stages
from service.demo.wish import DAYS_OF_HISTORY, SPIKE, Wish
from service.demo.workforce import REFRESH_SECONDS, Workforce
from service.errors import UserError
from service.now import now_micros
from service.settings import Settings
from service.simulation import Business
from service.simulation.lapse import Lapse
from service.stream.connection import client_options
from service.stream.topics import ensure, wanted_by
from service.telling.publishing import Publisher
from service.telling.sending import send

_PATIENCE = 300.0
_ASK_EVERY = 0.25


def run(wish: Wish, out: Console, stages: Stages) -> None:
    """Run the demo to its end; figures go to `out`, what is being done to the console of `stages`.

    Raises UserError with a sentence, KeyboardInterrupt when it was stopped by a signal. However it ends, no
    process and no folder of it remains.
    """
    stages.say("Starting Kafka …")
    with installation(stages) as installed:
        stages.say(f"Kafka answers on {installed.broker.bootstrap}.")
        try:
            asyncio.run(_run(wish, installed, out, stages))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


async def _run(wish: Wish, installed: Installation, out: Console, stages: Stages) -> None:
    """Everything from the topics on."""
    _cancel_on_signals()
    settings = Settings(brokers=installed.broker.bootstrap, partitions=wish.partitions)
    await _create_topics(settings, stages)
    workforce = Workforce(installed, wish.workers, wish.http_port, stages)
    now = now_micros()
    lapse = Lapse(now, max(1, round(wish.hours_a_second * 3_600)))
    business = Business.opened(wish.seed, now - DAYS_OF_HISTORY * DAY, DAYS_OF_HISTORY, wish.customers, lapse)
    async with Publisher(client_options(settings)) as publisher:
        stages.say(f"Publishing two years of a simulated business with some {wish.customers:,} customers …")
        count = await send(publisher, settings.sources, business.until(now))
        stages.say(f"History is published: {count:,} events. Waiting for the workers' figures …")
        reading = await _first_figures(workforce, time.time(), stages)
        if wish.once:
            out.print(tables(reading, out, all_details=True))
            out.print(time_lapse(wish.hours_a_second), style="dim")
        else:
            story = Story(workforce.addresses, wish.hours_a_second, SPIKE, spiking=wish.spike)
            await LiveMode(business, publisher, settings.sources, workforce, out, story).run(reading)


def _cancel_on_signals() -> None:
    """Let SIGTERM and a closed terminal end the demo as Ctrl-C does."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


async def _create_topics(settings: Settings, stages: Stages) -> None:
    topics = wanted_by(settings)
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        await ensure(admin, topics)
    finally:
        await admin.close()
    names = ", ".join(settings.sources.values())
    stages.say(f"Topics are there: {names}, and subpulse's own; {settings.partitions} partitions each.")


async def _first_figures(workforce: Workforce, published_at: float, stages: Stages) -> Reading:
    """Wait for figures that rest on all of the history, published by `published_at` (Unix seconds).

    A view is complete when it rests on what was there one refresh earlier (two, where refreshes are slow).
    """
    settled_at = published_at + 2 * REFRESH_SECONDS
    patience = time.monotonic() + _PATIENCE
    while time.monotonic() < patience:
        workforce.check()
        reading = await asyncio.to_thread(fetch, workforce.addresses[0])
        if reading is not None and reading.is_complete_since(settled_at):
            stages.say(f"First full figures, {stages.seconds:.1f} s after the start.")
            await asyncio.to_thread(workforce.put_the_speaker_first)
            for line in addresses(workforce.addresses):
                stages.say(line)
            return reading
        await asyncio.sleep(_ASK_EVERY)
    workforce.tell_last_words(1)
    raise UserError(f"no full figures after {_PATIENCE:.0f} s; worker 1's last lines stand above")
