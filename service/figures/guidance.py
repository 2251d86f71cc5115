"""What all workers go by: the borders between scores, and the models of predicted value.

The owner of partition 0 sends them along with its summaries. So they stand in a topic, and outlive the worker
that found them.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from service.domain.metrics.fits import Models
from service.domain.metrics.thresholds import Thresholds
from service.figures.board import Board
from service.figures.forecast import Forecast
from service.figures.score_borders import APART, renewed
from service.figures.views import Views
from service.now import now_micros


class Guidance(NamedTuple):
    """The borders between scores, the newest last; and the models of predicted value."""

    thresholds: tuple[Thresholds, ...] = ()
    models: Models = Models()


class Guide:
    """Renews the guidance by views that are complete."""

    def __init__(self, board: Board, views: Views, forecast: Forecast, thread: ThreadPoolExecutor) -> None:
        """`thread`: that of the refresh."""
        self._board, self._views, self._forecast, self._thread = board, views, forecast, thread

    async def next(self, interval: int) -> Guidance:
        """What to send with the next summary, where one refresh follows another after `interval`
        (microseconds)."""
        told = Guidance(self._board.thresholds_told(), self._board.models_told())
        shown = self._views.latest
        if not shown.complete or shown.summary is None:
            return told
        work = partial(renewed, told.thresholds, shown.summary, now_micros(), APART * interval)
        thresholds = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        return Guidance(thresholds, self._forecast.renewed(told.models, shown.summary))
