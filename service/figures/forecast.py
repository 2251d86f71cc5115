"""The forecast: models of predicted value, fitted again now and then to the newest sums of the whole
business."""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from service.domain.metrics import Definitions, Summary, predict
from service.domain.metrics.predicted import NONE, Prediction
from service.stream.telemetry import Telemetry

log = logging.getLogger("subpulse.stream")


class Forecast:
    """Holds the newest prediction. Every worker fits for itself: the same sums give the same parameters.

    A fit may take seconds, so it has a thread of its own, and neither events nor the refresh wait for it.
    Only a view that is complete is fitted to: while history is read, what is missing would pass for customers
    lost.
    """

    def __init__(
        self, definitions: Definitions, interval: float, thread: ThreadPoolExecutor, telemetry: Telemetry
    ) -> None:
        self.prediction: Prediction = NONE
        self._definitions, self._interval, self._thread = definitions, interval, thread
        self._telemetry = telemetry
        self._newest: Summary | None = None
        self._offered = asyncio.Event()

    def offer(self, summary: Summary) -> None:
        """Here are newer sums, of all partitions read to their ends."""
        self._newest = summary
        self._offered.set()

    async def run(self) -> None:
        """Fit for ever: at once when there is something to fit to, then once an interval."""
        while True:
            await self._offered.wait()
            self._offered.clear()
            await self._fit()
            await asyncio.sleep(self._interval)

    async def _fit(self) -> None:
        assert self._newest is not None, "something was offered"
        began = time.monotonic()
        work = partial(predict, self._newest, self._definitions, self.prediction)
        self.prediction = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._telemetry.prediction.observe(time.monotonic() - began)
        for attempt in self.prediction.attempts:
            self._telemetry.fits[attempt.model, attempt.outcome] += 1
            if attempt.outcome == "failed":
                kept = (attempt.model, attempt.currency) in self.prediction.fits
                log.warning(
                    "the model %s cannot be fitted to the customers of %s: %s; %s",
                    attempt.model,
                    attempt.currency,
                    attempt.reason,
                    "its former parameters stay in force" if kept else "there is no prediction by it",
                )
