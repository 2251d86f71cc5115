"""Lines in, figures out: what a fleet of workers does, in one loop."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from schemas.decode import LIMIT
from service.domain.facts import Facts
from service.domain.metrics import (
    Definitions,
    Summary,
    View,
    fit,
    magnets,
    segments,
    summarize,
    thresholds,
    total,
    view,
)
from service.domain.metrics.thresholds import Thresholds
from service.domain.records import Limits, Partition
from service.errors import UserError
from service.replay.decoding import FileDecoder
from service.replay.lines import Line
from service.replay.taking import Refusal, applied, counting, decoded
from service.replay.taking import partitions as empty

MAX: Literal["max"] = "max"
AsOf = int | Literal["max"]


@dataclass(frozen=True)
class Replayed:
    """The figures, the sums behind them, and how many lines had which outcome or were refused for which
    reason."""

    view: View
    summary: Summary
    outcomes: Counter[str]
    refused: Counter[str]


def replay(
    lines: Iterable[Line],
    definitions: Definitions,
    as_of: AsOf,
    now: int,
    *,
    partitions: int = 1,
    limits: Limits | None = None,
    largest_value: int = LIMIT,
    refuse: Callable[[Refusal], None] = lambda refusal: None,
) -> Replayed:
    """The figures that hold at `as_of` after these events; instants in microseconds.

    `as_of`: an instant, or MAX for the newest event that counts. `now`: later events are refused.
    `refuse`: called for each line that cannot be used.

    Raises:
        UserError: MAX, and not one event.
    """
    refused: Counter[str] = Counter()
    reject = counting(refused, refuse)
    events = decoded(lines, FileDecoder(largest_value), now, reject)
    if as_of == MAX:
        events = iter(held := list(events))
        instant = max((placed.event.occurred_at for placed in held), default=now)
        if not held:
            raise UserError(
                "there is no event that can be used, so `--as-of max` has no meaning; give an instant"
            )
    else:
        instant = as_of
    parts = empty(partitions, limits, referral_ranks=definitions.referral_ranks)
    outcomes = applied(events, parts, instant - definitions.horizon, reject)
    summary = _summary([_facts(part) for part in parts], instant, definitions)
    fits, _ = fit(summary, definitions)
    return Replayed(view(summary, definitions, fits), summary, outcomes, refused)


def _facts(part: Partition) -> Facts:
    facts = Facts()
    facts.update(part.draw())
    return facts


def _summary(parts: list[Facts], as_of: int, definitions: Definitions) -> Summary:
    """Of all parts. Where thresholds are asked for they are those of this very instant."""
    found: list[Thresholds] = []
    if definitions.magnet_skus:
        families = (segments, magnets)
        before = total([summarize(part, as_of, definitions, families) for part in parts])
        found = [made for made in (thresholds(before, as_of),) if made is not None]
    return total([summarize(part, as_of, definitions, thresholds=found) for part in parts])
