"""Everything one answer needs, taken on the event loop in one go, so that a thread can encode it in peace."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from prometheus_client import Metric

from schemas.instants import format_instant
from service.domain.metrics import Figure
from service.exposition import business
from service.exposition.cap import capped
from service.exposition.choosing import Wanted
from service.figures.views import Shown

MICRO = 1e6


@dataclass(frozen=True)
class Snapshot:
    """Immutable: figures of the business, and the families of this process."""

    shown: Shown
    exporting: bool  # whether this worker speaks for the business on /metrics
    process: tuple[Metric, ...]
    now: int  # wall clock, microseconds since 1970
    series_limit: int  # of the business, on /metrics

    def state(self) -> Iterator[Figure]:
        """The figures about the view."""
        shown = self.shown
        prefix = "subpulse_"
        if shown.view is not None:
            yield Figure(f"{prefix}as_of_timestamp_seconds", (), shown.view.as_of / MICRO)
        yield Figure(f"{prefix}view_complete", (), int(shown.complete))
        yield Figure(f"{prefix}partitions_covered_ratio", (), shown.covered)
        if shown.oldest_summary is not None:
            yield Figure(f"{prefix}oldest_summary_timestamp_seconds", (), shown.oldest_summary / MICRO)

    def families(self) -> Iterator[Metric]:
        """What /metrics shows."""
        if self.exporting:
            families = business.families(business.with_state(self.shown.view, self.state()))
            shown, dropped = capped(families, self.series_limit)
            yield from (*shown, business.series_dropped(dropped))
        yield from self.process

    def document(self, wanted: Wanted) -> dict[str, Any]:
        """What /api/v1/figures shows of the figures."""
        shown, oldest = self.shown, self.shown.oldest_summary
        figures = filter(wanted.holds, business.with_state(shown.view, self.state()))
        return {
            "as_of": format_instant(shown.view.as_of) if shown.view else None,
            "complete": shown.complete,
            "coverage": shown.covered,
            "data_age_seconds": None if oldest is None else max(0.0, (self.now - oldest) / MICRO),
            "refused_summaries": list(shown.refused),
            "figures": business.rows(figures),
        }
