"""A partition at one instant, as a table of additive measures: summaries of all partitions add up."""

import zlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import msgspec

from service.domain.facts import Facts
from service.domain.metrics import (
    census,
    channels,
    cohorts,
    customers,
    magnets,
    order_values,
    purchases,
    recurring,
    referral,
    revenue,
    segments,
    subscriptions,
    tally,
    tenures,
    trials,
    value,
)
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Amount, Tally
from service.domain.metrics.thresholds import Thresholds

VERSION = 4


class Family(Protocol):
    """A file of this folder that measures something."""

    def measure(self, moment: Moment, tally: Tally) -> None:
        """Add what it measures to the tally."""


MEASURES: tuple[Family, ...] = (
    census,
    cohorts,
    customers,
    subscriptions,
    recurring,
    trials,
    revenue,
    value,
    channels,
    referral,
    segments,
    magnets,
    order_values,
    purchases,
    tenures,
)


class Summary:
    """The measures of one partition, or of several added up, as known at `as_of` (microseconds)."""

    def __init__(self, as_of: int, measured: Tally) -> None:
        self.as_of, self.tally = as_of, measured

    def __add__(self, other: "Summary") -> "Summary":
        return total((self, other))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Summary) and self.pack() == other.pack()

    __hash__ = None  # type: ignore[assignment]

    def pack(self) -> bytes:
        """As bytes for the summaries topic; equal summaries have equal bytes."""
        sums = {
            name: [[*labels, str(amount)] for labels, amount in sorted(rows.items())]
            for name, rows in sorted(self.tally.sums.items())
        }
        moments = {
            name: [(labels, tuple(map(str, row))) for labels, row in sorted(rows.items())]
            for name, rows in sorted(self.tally.moments.items())
        }
        packed = _Packed(VERSION, self.as_of, sums, moments, dict(sorted(self.tally.earliest.items())))
        return zlib.compress(msgspec.json.encode(packed), level=1)

    @classmethod
    def unpack(cls, data: bytes) -> "Summary":
        """The inverse of `pack`.

        Raises:
            ValueError: this is no summary, or one of another format version.
        """
        try:
            packed = msgspec.json.decode(zlib.decompress(data), type=_Packed)
        except (zlib.error, msgspec.MsgspecError) as error:
            raise ValueError(f"not a summary: {error}") from error
        if packed.version != VERSION:
            raise ValueError(
                f"summary of format {packed.version}, this version reads {VERSION}: give all workers the "
                "same version; each makes its summaries anew within seconds"
            )
        measured = Tally()
        measured.earliest = packed.earliest
        for name, rows in packed.sums.items():
            measured.sums[name] = {tuple(labels): _amount(text) for *labels, text in rows}
        for name, moments in packed.moments.items():
            measured.moments[name] = {labels: tuple(map(int, texts)) for labels, texts in moments}
        return cls(packed.as_of, measured)


class _Packed(msgspec.Struct):
    version: int
    as_of: int
    sums: dict[str, list[list[str]]]
    moments: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]
    earliest: dict[str, int]


def _amount(text: str) -> Amount:
    return Fraction(text) if "/" in text else int(text)


def summarize(
    facts: Facts,
    as_of: int,
    definitions: Definitions,
    families: Sequence[Family] = MEASURES,
    thresholds: Sequence[Thresholds] = (),
) -> Summary:
    """All measures of one partition as known at `as_of` (microseconds).

    `families`: only those of some metrics, for who looks at many instants; `census` must be among them, for
    it is what names of plans, channels and currencies are kept by. `thresholds`: those of earlier views that
    the partition may go by.
    """
    return summary_of(Moment(facts, as_of, definitions, thresholds), families)


def summary_of(moment: Moment, families: Sequence[Family] = MEASURES) -> Summary:
    """As `summarize`, of facts that others look at too."""
    measured = Tally()
    for family in families:
        family.measure(moment, measured)
    return Summary(moment.as_of, measured)


def total(summaries: Sequence[Summary]) -> Summary:
    """The sum of at least one summary.

    Raises:
        ValueError: they are of different instants.
    """
    instants = {summary.as_of for summary in summaries}
    if len(instants) != 1:
        raise ValueError(f"only summaries of one instant add up, these are of {sorted(instants)}")
    return Summary(instants.pop(), tally.total(summary.tally for summary in summaries))
