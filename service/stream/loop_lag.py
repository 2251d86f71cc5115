"""How long the event loop lets others wait: heartbeats, fetches and answers to probes are due meanwhile."""

import asyncio

from service.stream.telemetry import Histogram

EVERY = 0.025  # seconds between two looks, which cost a thousandth of a core; so much of a hold may go unseen


class LoopLag:
    """Asks for a moment's sleep again and again, and looks how late it was woken."""

    def __init__(self, lag: Histogram) -> None:
        self._lag = lag

    async def run(self) -> None:
        """Observe the running loop for ever."""
        now = asyncio.get_running_loop().time
        while True:
            due = now() + EVERY
            await asyncio.sleep(EVERY)
            self._lag.observe(max(0.0, now() - due))
