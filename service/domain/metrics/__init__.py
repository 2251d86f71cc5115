"""Facts as figures: one file per family of metrics, a summary that adds up, a view that divides."""

from service.domain.metrics.catalogue import CATALOGUE
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.summary import Summary, summarize, total
from service.domain.metrics.view import View, fit, thresholds, view
from service.domain.metrics.windows import DEFAULT_WINDOWS, check

__all__ = [
    "CATALOGUE", "DEFAULT_WINDOWS", "Definitions", "Figure", "Metric", "Summary", "View", "check", "fit",
    "summarize", "thresholds", "total", "view",
]  # fmt: skip
