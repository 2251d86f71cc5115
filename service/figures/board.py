"""The board of summaries: the last few of each partition, and the newest instant that all of them share.

Pure: it asks no clock and no broker.
"""

from typing import NamedTuple

from service.domain.metrics.fits import Models
from service.domain.metrics.thresholds import Thresholds
from service.stream.summary_rows import Envelope

KEPT = 3  # instants per partition
CLOCKS_APART = 120_000_000  # microseconds between two clocks of which one is wrong; a checkpoint takes less


class Reading(NamedTuple):
    """What the board says at one moment."""

    envelopes: tuple[Envelope, ...]  # one per partition, of the newest instant that all have; or none
    covered: float  # share of partitions whose newest summary is fresh
    oldest: int | None  # when the oldest of the newest summaries was made, microseconds
    refused: tuple[str, ...]  # why summaries cannot be added, one sentence each


class Board:
    """Envelopes of all partitions of one application."""

    def __init__(self, partitions: int, fingerprint: str, since: int = 0) -> None:
        """`since`: what was made before this instant (microseconds) says nothing about workers of today."""
        self.partitions = partitions
        self._since = since
        self._fingerprint = fingerprint
        self._kept: dict[int, dict[int, Envelope]] = {}  # partition -> as_of -> envelope, in order of arrival
        self._refused: dict[int, str] = {}
        self._models = Models()

    def add(self, envelope: Envelope, arrived: int | None = None) -> None:
        """Pin up one envelope; the one of the same partition and instant is replaced.

        `arrived`: when it reached the broker, by the broker's clock (microseconds), if that is known.
        """
        number = envelope.partition
        if arrived is not None and abs(wrong := envelope.made_at - arrived) > CLOCKS_APART:
            self.refuse(
                number,
                f"partition {number}: the clock of its worker is {round(abs(wrong) / 60e6)} minutes "
                f"{'ahead of' if wrong > 0 else 'behind'} the broker's: set both by NTP",
            )
            return
        if number == 0:  # models hold whatever the settings of whoever told them
            self._models = max(self._models, envelope.models, key=lambda models: models.made_at)
        if envelope.fingerprint != self._fingerprint:
            if envelope.made_at < self._since:
                return  # by workers of before a change of settings, who are gone
            self.refuse(
                number,
                f"partition {number}: its worker computes figures with other settings (time zone, windows, "
                "labels, …) than this one: give all workers the same settings",
            )
            return
        self._refused.pop(number, None)
        kept = self._kept.setdefault(number, {})
        kept.pop(envelope.as_of, None)
        kept[envelope.as_of] = envelope
        for as_of in list(kept)[:-KEPT]:
            del kept[as_of]

    def refuse(self, number: int, sentence: str) -> None:
        """Pin up why a partition's summary cannot be added."""
        self._kept.pop(number, None)
        self._refused[number] = sentence

    def read(self, fresh_since: int) -> Reading:
        """What the board says; a summary made before `fresh_since` (microseconds) covers nothing."""
        newest = [list(kept.values())[-1] for kept in self._kept.values()]
        covered = sum(e.made_at >= fresh_since for e in newest) / self.partitions
        common = self._common()
        found = tuple(self._kept[n][common] for n in sorted(self._kept)) if common is not None else ()
        oldest = min((e.made_at for e in newest), default=None)
        return Reading(found, covered, oldest, tuple(self._refused[n] for n in sorted(self._refused)))

    def _common(self) -> int | None:
        if len(self._kept) < self.partitions:
            return None
        shared = set.intersection(*(set(kept) for kept in self._kept.values()))
        return max(shared, default=None)

    def slowest(self, default: int) -> int:
        """The longest interval between two refreshes that any worker needs, microseconds."""
        newest = [list(kept.values())[-1] for kept in self._kept.values()]
        return max((e.interval for e in newest if e.made_at >= self._since), default=default)

    def owners(self) -> dict[int, str]:
        """Where the worker answers that made each partition's newest summary; without those that nobody can
        reach."""
        return {number: envelope.url for number, envelope in self.newest().items() if envelope.url}

    def newest(self) -> dict[int, Envelope]:
        """Each partition's newest summary, of those that have any."""
        return {number: list(kept.values())[-1] for number, kept in self._kept.items()}

    def thresholds_told(self) -> tuple[Thresholds, ...]:
        """Those that all partitions go by, the newest last; none before there was a complete view."""
        newest = self.newest()
        return newest[0].thresholds if 0 in newest else ()

    def models_told(self) -> Models:
        """The models of predicted value that all go by; none before there was a complete view."""
        return self._models

    def watermark(self) -> int | None:
        """The greatest occurred_at that any partition has applied."""
        marks = [
            e.watermark for kept in self._kept.values() for e in kept.values() if e.watermark is not None
        ]
        return max(marks, default=None)
