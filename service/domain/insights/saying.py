"""What is said of what was found: nothing twice, and where the past has changed, how it stands now."""

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter
from struct import Struct
from typing import NamedTuple

from service.domain.insights.findings import Finding, Matter, Move, State
from service.domain.insights.wording import ID_BYTES, Insight, identity, worded
from service.domain.metrics.segments import SEGMENTS
from service.domain.records import Partition
from service.domain.records.customer import EVER
from service.domain.records.sayings import Said

LOOKED_AT = 10
_ROW = Struct(f"<BBqq{ID_BYTES}s")


class Last(NamedTuple):
    """The last that was said of a matter: see `Finding`, and its event_id."""

    matter: int
    value: int
    at: int
    run: int
    event_id: bytes


New = Iterator[tuple[Finding, bytes]]
"""What is to be said, in order, and the event_id of what it corrects, if anything."""


def say(partition: Partition, most: int) -> list[Insight]:
    """About so many insights of what was found and waits; remembers them. At most ten times as many customers
    are looked at, so that nobody is held up where nearly all was said before."""
    sayings, said = partition.sayings, list[Insight]()
    floor = sayings.watch.floor if sayings.watch else EVER
    for name in list(islice(sayings.waiting, LOOKED_AT * most)):
        if len(said) >= most:
            break
        last = _unpacked(sayings.held.get(name))
        own = list(_said(name, sayings.waiting.pop(name), last, sayings.as_of, floor))
        if own:
            latest = max(each.at for each in last.values())
            sayings.note(name, latest, b"".join(_ROW.pack(*each) for each in last.values()))
        said += own
    if not sayings.waiting:
        sayings.all_said()
    return said


def _unpacked(said: Said | None) -> dict[int, Last]:
    return {} if said is None else {row[0]: Last(*row) for row in _ROW.iter_unpack(said.rows)}


def _said(
    name: str, found: Iterable[Finding | State], last: dict[int, Last], as_of: int, floor: int
) -> Iterator[Insight]:
    """Words for what is new of a customer; `last` by matter is brought up to date."""
    by_matter: dict[Matter, list[Finding]] = {each.matter: [] for each in found}
    for each in found:
        if isinstance(each, Finding):
            by_matter[each.matter].append(each)
    stands = {each.matter: each.value for each in found if isinstance(each, State)}
    for matter, own in by_matter.items():
        for finding, corrects in _new(matter, own, stands.get(matter), last.get(matter), floor):
            event_id = identity(name, finding, corrects)
            last[matter] = Last(matter, finding.value, finding.at, finding.run, event_id)
            yield worded(name, finding, event_id, corrects, as_of)


def _new(matter: Matter, found: list[Finding], stands: int | None, last: Last | None, floor: int) -> New:
    """What comes after the last that was said; `stands`: how it stands now, if the customer has changed."""
    ordered = sorted(found, key=attrgetter("run"))
    later = {each.run: each for each in ordered if last is None or _later(each, last)}
    if matter is Matter.SEGMENT:
        yield from _moves(list(later.values()), last)
    elif stands is not None and last is not None and last.at > floor and not _still_so(last, found):
        yield from _corrections(list(later.values()), stands, last)
    else:
        yield from ((finding, b"") for finding in later.values())


def _later(finding: Finding, last: Last) -> bool:
    """Another run, and of a later instant: so no instant is told twice, whatever came late."""
    return finding.run > last.run and finding.at > last.at


def _still_so(last: Last, found: list[Finding]) -> bool:
    return any((each.at, each.value) == (last.at, last.value) for each in found)


def _corrections(later: list[Finding], stands: int, last: Last) -> New:
    """What was said last was not so. What came later replaces it if it says the same of another instant; if
    nothing did, the contrary is said, unless it has turned out to be so by now."""
    corrects = last.event_id
    if not later and stands != last.value:
        yield Finding(Matter(last.matter), stands, last.at, last.run), corrects
    for place, finding in enumerate(later):
        replaces = place == 0 and finding.value == last.value
        yield finding, corrects if replaces else b""


def _moves(later: list[Finding], last: Last | None) -> New:
    """A customer is in another segment than was said last; without that, than it was by the facts."""
    for finding in later:
        move = finding.details
        assert isinstance(move, Move), "a segment is found with where it was"
        before = SEGMENTS[last.value] if last else move.before
        if before != move.after:
            yield finding._replace(details=move._replace(before=before)), b""
