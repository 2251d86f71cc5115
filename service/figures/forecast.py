"""The forecast: models of predicted value, fitted again now and then to the newest sums of the whole
business."""

import asyncio
import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from service.domain.metrics import Definitions, Summary, fit
from service.domain.metrics.fits import Attempt, Fits, Models
from service.now import now_micros
from service.stream.telemetry import Telemetry

log = logging.getLogger("subpulse.stream")


class Forecast:
    """Fits where the owner of partition 0 asks for it, who tells all others.

    A fit may take seconds, so it has a thread of its own, and neither events nor the refresh wait for it.
    """

    def __init__(
        self, definitions: Definitions, interval: float, thread: ThreadPoolExecutor, telemetry: Telemetry
    ) -> None:
        """`interval`: seconds between two fits."""
        self._definitions, self._interval, self._thread = definitions, int(interval * 1e6), thread
        self._telemetry = telemetry
        self._newest: Summary | None = None
        self._models = Models()
        self._offered = asyncio.Event()

    def renewed(self, told: Models, summary: Summary) -> Models:
        """The newest models there are, and fit anew in a while if these are old.

        `told`: those that were told last. `summary`: of all partitions, each read to its end: before, what is
        missing would pass for customers lost.
        """
        self._models = max(told, self._models, key=lambda models: models.made_at)
        self._newest = summary
        if now_micros() >= self._models.made_at + self._interval:
            self._offered.set()
        return self._models

    async def run(self) -> None:
        """Fit for ever, each time it is asked for."""
        while True:
            await self._offered.wait()
            assert self._newest is not None, "something was offered"
            await self._fit(self._newest)
            self._offered.clear()

    async def _fit(self, summary: Summary) -> None:
        made_at, began = now_micros(), time.monotonic()
        work = partial(fit, summary, self._definitions, self._models.fits)
        fits, attempts = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._models = Models(made_at, dict(fits))
        self._telemetry.prediction.observe(time.monotonic() - began)
        self._tell(attempts, fits)

    def _tell(self, attempts: Iterable[Attempt], fits: Fits) -> None:
        for attempt in attempts:
            self._telemetry.fits[attempt.model, attempt.outcome] += 1
            if attempt.outcome == "failed":
                kept = (attempt.model, attempt.currency) in fits
                log.warning(
                    "the model %s cannot be fitted to the customers of %s: %s; %s",
                    attempt.model,
                    attempt.currency,
                    attempt.reason,
                    "its former parameters stay in force" if kept else "there is no prediction by it",
                )
