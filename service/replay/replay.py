"""Lines in, figures out: what a fleet of workers does, in one loop."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal, NamedTuple

from schemas.decode import LIMIT, Refused, key_of
from schemas.fast import Event
from schemas.verdict import LIMIT_DETAIL, RefusalReason
from service.domain.facts import Facts
from service.domain.metrics import Definitions, Figure, Summary, View, predict, summarize, total, view
from service.domain.records import Limits, Outcome, Partition
from service.errors import UserError
from service.partitioner import partition_of
from service.replay.decoding import FileDecoder
from service.replay.lines import Line

MAX: Literal["max"] = "max"
AsOf = int | Literal["max"]
BATCH = 4_000  # events applied at once
_Reject = Callable[[Line, RefusalReason, str], None]


class Refusal(NamedTuple):
    """A line that cannot be used, and why, in the contract's words."""

    file: str
    line: int
    reason: RefusalReason
    detail: str


@dataclass(frozen=True)
class Replayed:
    """The figures, what the models say, the sums behind them, and how many lines had which outcome or were
    refused for which reason."""

    view: View
    predicted: tuple[Figure, ...]
    summary: Summary
    outcomes: Counter[str]
    refused: Counter[str]

    @property
    def whole(self) -> View:
        """All figures together."""
        return self.view.with_figures(self.predicted)


class _Placed(NamedTuple):
    line: Line
    event: Event


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

    def reject(line: Line, reason: RefusalReason, detail: str) -> None:
        refused[reason] += 1
        refuse(Refusal(line.file, line.number, reason, detail))

    events = _decoded(lines, FileDecoder(largest_value), now, reject)
    if as_of == MAX:
        events = iter(held := list(events))
        instant = max((placed.event.occurred_at for placed in held), default=now)
        if not held:
            raise UserError(
                "there is no event that can be used, so `--as-of max` has no meaning; give an instant"
            )
    else:
        instant = as_of
    parts = [Partition(limits or Limits()) for _ in range(partitions)]
    outcomes = _applied(events, parts, instant - definitions.horizon, reject)
    summary = total([_summary(part, instant, definitions) for part in parts])
    predicted = predict(summary, definitions).figures
    return Replayed(view(summary, definitions), predicted, summary, outcomes, refused)


def _decoded(lines: Iterable[Line], decoder: FileDecoder, now: int, reject: _Reject) -> Iterator[_Placed]:
    decode = decoder.decode
    for line in lines:
        try:
            event = decode(line.value).event
        except Refused as refused:
            reject(line, refused.reason, refused.detail)
            continue
        if event.occurred_at > now:
            reject(line, "future_event", "occurred_at: expected an instant before the replay began")
        else:
            yield _Placed(line, event)


def _applied(
    events: Iterator[_Placed], parts: list[Partition], horizon: int, reject: _Reject
) -> Counter[str]:
    counted, place = Counter[Outcome](), cache(partition_of)
    while batch := list(islice(events, BATCH)):
        shares: list[list[_Placed]] = [[] for _ in parts]
        for placed in batch:
            number = place(key_of(placed.event), len(parts)) if len(parts) > 1 else 0
            shares[number].append(placed)
        for part, share in zip(parts, shares, strict=True):
            outcomes: list[Outcome] = []
            part.apply_all([placed.event for placed in share], horizon, outcomes)
            counted.update(outcomes)
            for placed, outcome in zip(share, outcomes, strict=True):
                if outcome is Outcome.LIMIT:
                    reject(placed.line, "customer_limit", LIMIT_DETAIL)
    del counted[Outcome.LIMIT]
    return Counter({outcome.value: times for outcome, times in counted.items()})


def _summary(part: Partition, as_of: int, definitions: Definitions) -> Summary:
    facts = Facts()
    facts.update(part.draw())
    return summarize(facts, as_of, definitions)
