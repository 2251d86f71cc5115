"""Lines taken in: decoded, judged, and applied to the records of partitions."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from itertools import islice
from typing import NamedTuple

from schemas.decode import Refused, key_of
from schemas.fast import Event
from schemas.verdict import LIMIT_DETAIL, RefusalReason
from service.domain.records import Limits, Outcome, Partition, deliver
from service.partitioner import partition_of
from service.replay.decoding import FileDecoder
from service.replay.lines import Line

BATCH = 4_000  # events applied at once
Reject = Callable[[Line, RefusalReason, str], None]


class Refusal(NamedTuple):
    """A line that cannot be used, and why, in the contract's words."""

    file: str
    line: int
    reason: RefusalReason
    detail: str


class Placed(NamedTuple):
    """An event, and the line it stood on."""

    line: Line
    event: Event


def counting(refused: Counter[str], refuse: Callable[[Refusal], None]) -> Reject:
    """What to call for a line that cannot be used: it is counted by its reason, and passed on."""

    def reject(line: Line, reason: RefusalReason, detail: str) -> None:
        refused[reason] += 1
        refuse(Refusal(line.file, line.number, reason, detail))

    return reject


def decoded(lines: Iterable[Line], decoder: FileDecoder, now: int, reject: Reject) -> Iterator[Placed]:
    """The events of lines; those later than `now` (microseconds) are refused."""
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
            yield Placed(line, event)


def partitions(count: int, limits: Limits | None, *, referral_ranks: bool) -> list[Partition]:
    """So many empty partitions. `referral_ranks`: whether customers are ranked by referral."""
    home = partial(_home, count) if referral_ranks else None
    return [Partition(limits or Limits(), home=home, heirs=True) for _ in range(count)]


def _home(count: int, name: str) -> int:
    return partition_of(name.encode(), count)


def applied(events: Iterator[Placed], parts: list[Partition], horizon: int, reject: Reject) -> Counter[str]:
    """Apply events to the partitions of their keys; how many had which outcome."""
    counted, place = Counter[Outcome](), cache(partition_of)
    while batch := list(islice(events, BATCH)):
        shares: list[list[Placed]] = [[] for _ in parts]
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
        deliver(dict(enumerate(parts)))
    del counted[Outcome.LIMIT]
    return Counter({outcome.value: times for outcome, times in counted.items()})
