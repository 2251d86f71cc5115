"""Live mode: the business goes on in time-lapse while the table follows, and a key raises churn."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live

from service.demo.keys import key_presses
from service.demo.reading import Reading, fetch
from service.demo.screen import Story, screen, tables
from service.demo.workforce import Workforce
from service.now import now_micros
from service.simulation import Business
from service.telling.publishing import Publisher
from service.telling.sending import send

_FRAME, _ASK_EVERY, _PRINT_EVERY = 0.25, 1.0, 15.0


@dataclass
class LiveMode:
    """What live mode works with; `story` is what its screen tells besides the figures."""

    business: Business
    publisher: Publisher
    topics: Mapping[str, str]
    workforce: Workforce
    out: Console
    story: Story

    async def run(self, reading: Reading) -> None:
        """Go on until `q` is pressed; without a terminal, until cancelled."""
        self._ended = asyncio.Event()
        self._turn_churn(self.story.spiking)
        if self.out.is_terminal:
            await self._on_the_screen(reading)
        else:
            await self._in_plain_text()

    async def _on_the_screen(self, reading: Reading) -> None:
        try:
            with (
                Live(console=self.out, screen=True, auto_refresh=False) as display,
                key_presses(self._on_key) as self.story.keys,
            ):
                asked = 0.0
                while not self._ended.is_set():
                    await self._go_on()
                    if time.monotonic() - asked >= _ASK_EVERY:
                        asked = time.monotonic()
                        reading = await self._ask() or reading
                    display.update(screen(reading, self.out, self.story), refresh=True)
                    await asyncio.sleep(_FRAME)
        finally:
            self.out.print(tables(reading, self.out, all_details=False))

    async def _in_plain_text(self) -> None:
        printed = 0.0
        while True:
            await self._go_on()
            if time.monotonic() - printed >= _PRINT_EVERY and (reading := await self._ask()) is not None:
                printed = time.monotonic()
                self.out.print(tables(reading, self.out, all_details=True))
            await asyncio.sleep(_FRAME)

    async def _go_on(self) -> None:
        """Publish what has happened in the business since the last time."""
        self.workforce.check()
        events = self.business.until(now_micros())
        self.story.live_events += await send(self.publisher, self.topics, events)

    async def _ask(self) -> Reading | None:
        return await asyncio.to_thread(fetch, self.workforce.addresses[0])

    def _on_key(self, key: str) -> None:
        if key in "cC":
            self._turn_churn(not self.story.spiking)
        elif key in "qQ":
            self._ended.set()

    def _turn_churn(self, spiking: bool) -> None:
        self.story.spiking = spiking
        self.business.churn = self.story.spike if spiking else 1.0
