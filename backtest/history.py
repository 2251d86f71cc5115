"""A simulated business as the service sees it: figures at many instants, from one pass over the events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Self

import msgspec

from backtest.rules import Rules
from schemas.instants import DAY
from service.domain.facts import Facts
from service.domain.metrics import Definitions, summarize, view
from service.domain.metrics.catalogue import FAMILIES
from service.domain.metrics.metric import PREFIX
from service.domain.metrics.summary import MEASURES
from service.domain.records import Partition
from service.replay import FileDecoder
from service.simulation import Established
from service.simulation.scenarios import Concern, Scenario
from service.simulation.world import Event

Labels = tuple[tuple[str, str], ...]
Series = dict[tuple[str, Labels], list[float | None]]
"""Name and labels -> a value for each instant; None where there is none."""


def founded(seed: int) -> int:
    """Day 0 of a business, long ago: nothing that befalls it lies in the future.

    Twenty seeds are spread evenly over the year, so that the end of February, on which fall the ends of the
    periods of four days, counts once a year and not in every business.
    """
    return (19_000 + 18 * seed % 365) * DAY


_LARGEST = 1 << 18

_MADE: dict[object, set[str]] = {
    family: {PREFIX + metric.name for metric in family.METRICS} for family in FAMILIES
}
"""By family, which figures it makes; what labels are bounded by is in none, and always needed."""


class History:
    """A business, and what a worker knows of it."""

    def __init__(self, seed: int, concern: Concern) -> None:
        """Up to day 0."""
        self.day_zero = founded(seed)
        self.business = Established(seed, self.day_zero, Scenario(summary="-", business=concern))
        self._partition, self._facts = Partition(), Facts()
        self._encode, self._decoder = msgspec.json.Encoder().encode, FileDecoder(_LARGEST)
        self._read_to(self.day_zero)

    def copy(self) -> Self:
        """Another one with the same past."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.business = self.business.copy()
        other._partition, other._facts = deepcopy((self._partition, self._facts))
        return other

    def figures(self, instants: Sequence[int], rules: Rules, *, as_they_arrive: bool = False) -> Series:
        """The figures that the rules look at, at each instant (microseconds, rising).

        All events are read first: facts do not know as_of, and what happened later does not count. Only where
        events are delivered late it matters when they are read (`as_they_arrive`), and that costs more.
        """
        wanted = rules.metrics
        families = [family for family in MEASURES if family not in _MADE or _MADE[family] & wanted]
        definitions = Definitions(windows=rules.windows or ("30d",))
        if not as_they_arrive:
            self._read_to(instants[-1])
        series: Series = defaultdict(lambda: [None] * len(instants))
        for place, as_of in enumerate(instants):
            if as_they_arrive:
                self._read_to(as_of)
            seen = view(summarize(self._facts, as_of, definitions, families), definitions)
            for figure in seen.figures:
                if figure.name in wanted:
                    series[figure.name, figure.labels][place] = figure.value
            for name, value in self._state(as_of, instants[0], as_they_arrive):
                if name in wanted:
                    series[name, ()][place] = value
        return dict(series)

    def _read_to(self, instant: int) -> None:
        """Take in what has been delivered by then."""
        self._take(self.business.until(instant))

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            self._partition.apply(self._decoder.decode(self._encode(event)).event, 0)
        self._facts.update(self._partition.draw())

    def _state(self, as_of: int, first: int, as_they_arrive: bool) -> Iterable[tuple[str, float]]:
        """What a worker in good health says of its view; time begins at the first instant, as in promtool."""
        now = (as_of - first) / 1e6
        watermark = self._partition.watermark if as_they_arrive else None
        yield "subpulse_view_complete", 1
        yield "subpulse_partitions_covered_ratio", 1
        yield "subpulse_as_of_timestamp_seconds", now
        yield "subpulse_oldest_summary_timestamp_seconds", now
        yield "subpulse_watermark_timestamp_seconds", now if watermark is None else (watermark - first) / 1e6
