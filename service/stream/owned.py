"""A partition number as its owner holds it: records, facts, positions, letters, and the fencing producer."""

import asyncio
from collections import Counter
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from msgspec.structs import replace

from service.domain.facts import Facts
from service.domain.insights import Insight, Watcher, say
from service.domain.records import Draft, Limits, Partition
from service.partitioner import partition_of
from service.stream import bound, head
from service.stream.day_marks import DayMarks
from service.stream.dead_letters import Letter
from service.stream.lean import Record

INSIGHTS = 500  # said in one checkpoint, about

Place = tuple[str, int, bytes]
"""A row: topic, partition, key."""


@dataclass(eq=False)
class Owned:
    """Records, letters and positions belong together: they change only in code that never awaits between.

    A snapshot packs the records of customers bit by bit, and all else at once. So nothing is applied while
    one is taken (see `unhindered`); marks of erasures and insights may change then: that is for the next.
    """

    number: int
    limits: Limits
    erasure_secret: bytes = b""
    _: KW_ONLY
    referral_ranks: bool = False  # whether customers are ranked by referral
    heirs: bool = False  # see `Partition`
    records: Partition = field(init=False)
    facts: Facts = field(default_factory=Facts)  # touched by the refresh thread only
    drafts: list[Draft] = field(default_factory=list)  # drawn, not yet in `facts`
    drawn: bool = False  # `facts` hold all that was applied before the last refresh
    days: DayMarks = field(default_factory=DayMarks)
    positions: dict[str, head.Position] = field(default_factory=dict)  # at the last checkpoint, by topic
    resume_at: dict[str, int] = field(default_factory=dict)  # first offset not yet applied, by topic
    last: dict[str, Record] = field(default_factory=dict)  # last record applied since the last checkpoint
    crashes: tuple[head.CrashMark, ...] = ()
    letters: list[Letter] = field(default_factory=list)  # since the last checkpoint
    letter_rows: int = 0  # that these count for, see `bound`
    shredded: set[Place] = field(default_factory=set)  # what names somebody who was erased: to be deleted
    watcher: Watcher | None = None  # looks for what to say of single customers, where that is wanted
    said: Counter[str] = field(default_factory=Counter)  # insights by type, not yet counted
    summary: bytes | None = None  # to be published with the next checkpoint
    target: bytes | None = None  # the instant for all, likewise (only the owner of partition 0, event clock)
    read_to: int = 0  # changelog offset up to which `records` contain it
    source_ends: dict[str, int] = field(default_factory=dict)  # where the sources ended one refresh earlier
    passed: dict[str, tuple[int, int]] = field(default_factory=dict)  # (delivered, position) of the consumer
    partitions: int = 0  # number of partitions of every topic
    snapshots: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while one is taken
    producer: Any = None  # transactional; its start fenced the former owner
    broken: bool = False  # applying raised in the middle of a record: never save this again

    def __post_init__(self) -> None:
        home = self._home if self.referral_ranks else None
        self.records = Partition(self.limits, self.erasure_secret, home=home, heirs=self.heirs)

    def _home(self, name: str) -> int:
        return partition_of(name.encode(), self.partitions)

    async def unhindered(self) -> None:
        """Until no snapshot is being taken: then, and as long as nobody awaits, records may be applied."""
        while self.snapshots.locked():
            async with self.snapshots:
                pass

    def begin_anew(self) -> None:
        """What there is to write is in a snapshot now; what comes from here on is for the next one."""
        self.letters, self.letter_rows, self.last = [], 0, {}
        self.summary, self.target, self.shredded = None, None, set()

    def restore_head(self, value: bytes) -> None:
        """Take over what a head record says; raises UnknownFormatError."""
        found = head.unpack(value)
        self.partitions = found.partitions
        self.positions = dict(found.positions)
        self.resume_at = {topic: position.resume_at for topic, position in found.positions.items()}
        self.crashes = found.crashes
        self.days.restore(found.days_made_by, found.days_written)

    def forget_facts(self) -> None:
        """Have the next refresh make the facts of all records anew: one that failed may have left halves."""
        self.facts, self.drafts, self.drawn = Facts(), [], False
        self.records.undraw()
        self.days.draw_begins()
        if self.watcher is not None:
            self.watcher.look_anew()

    def taken(self) -> None:
        """The records are as the changelog has them, whoever owned the partition before."""
        if self.watcher is None:
            self.records.sayings.end()
        else:
            self.watcher.look_anew()

    def say(self) -> list[Insight]:
        """Insights to be written with the next `records.changes`, which remember them."""
        if self.watcher is None:
            return []
        said = say(self.records, INSIGHTS)
        self.said.update(insight.kind for insight in said)
        return said

    @property
    def waits(self) -> bool:
        """True when the sources held records, when last asked, that are not applied yet."""
        return any(self.lag().values())

    @property
    def moved(self) -> bool:
        """True when records were applied, or markers behind them passed, since the last checkpoint."""
        saved = self.positions.items()
        return bool(self.last) or any(self.reached(topic) > at.resume_at for topic, at in saved)

    @property
    def unwritten(self) -> int:
        """About how many rows the next checkpoint has to write."""
        return self.records.unwritten + self.letter_rows

    def refuse(self, letter: Letter) -> None:
        """Keep a letter for the next checkpoint."""
        self.letters.append(letter)
        self.letter_rows += 1 + len(letter.value or b"") // bound.ROW_BYTES

    def advanced(self) -> dict[str, head.Position]:
        """Positions as a checkpoint must write them now."""
        now = {
            topic: head.Position(record.offset + 1, record.timestamp, head.digest(record.key, record.value))
            for topic, record in self.last.items()
        }
        positions = {**self.positions, **now}
        return {topic: self._past_markers(topic, position) for topic, position in positions.items()}

    def _past_markers(self, topic: str, position: head.Position) -> head.Position:
        markers = self.reached(topic) - position.next
        return position if markers <= position.markers else replace(position, markers=markers)

    def open_crashes(self, positions: dict[str, head.Position]) -> tuple[head.CrashMark, ...]:
        """Crash marks that still lie ahead of `positions`."""
        start = head.Position()
        return tuple(c for c in self.crashes if c.offset >= positions.get(c.topic, start).next)

    def crashed_on(self, topic: str, offset: int) -> tuple[head.CrashMark, ...]:
        """Crash marks after one more crash at this place."""
        others = [c for c in self.crashes if (c.topic, c.offset) != (topic, offset)]
        before = next((c for c in self.crashes if (c.topic, c.offset) == (topic, offset)), None)
        mark = once_more(before) if before else head.CrashMark(topic, offset)
        return (*others, mark)

    def skips(self, topic: str) -> frozenset[int]:
        """Offsets on which a worker crashed twice: dead letters now."""
        return frozenset(c.offset for c in self.crashes if c.topic == topic and c.times >= 2)

    def complete(self) -> bool:
        """True when all that the sources held one refresh earlier has been applied."""
        return bool(self.source_ends) and not any(self.lag().values())

    def lag(self) -> dict[str, int]:
        """How many offsets of each source lie between what is applied and its end when last asked."""
        return {topic: max(0, end - self.reached(topic)) for topic, end in self.source_ends.items()}

    def reached(self, topic: str) -> int:
        """The offset up to which `topic` is applied.

        Markers of transactions take offsets, but are no records: where only they follow, the position counts.
        """
        applied = self.resume_at.get(topic, 0)
        delivered, position = self.passed.get(topic, (0, 0))
        return max(applied, position) if applied >= delivered else applied


def once_more(mark: head.CrashMark) -> head.CrashMark:
    """The mark after one more crash."""
    return head.CrashMark(mark.topic, mark.offset, mark.times + 1)
