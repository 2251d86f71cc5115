"""The daily history: which days are made, when they are made again, and that they hold whatever happens."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.instants import DAY, HOUR
from service.domain.facts import Facts
from service.domain.metrics import Definitions
from service.domain.metrics.history import last_of
from service.domain.metrics.windows import local_date
from service.domain.records import Limits, Partition
from service.domain.records.customer import EVER
from service.figures.daily import Daily, first_due
from service.figures.desk import measured
from service.stream import head
from service.stream.day_marks import DayMarks, Holding
from service.stream.day_rows import day_key, made_by, open_row
from service.stream.owned import Owned
from tests.oracle.agreement import decoded
from tests.oracle.businesses import business
from tests.oracle.instants import instant

ZONE = "America/New_York"
DEFINITIONS = Definitions(windows=("24h", "30d", "last_month"), time_zone=ZONE)
NOW = instant("2024-03-14T15:00:00-04:00")  # four days after a day of 23 hours
DAYS = 12
BEFORE = -(10**18)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("stale_from", "expected"),
    [
        (EVER, day("2024-03-02")),  # as many as are kept
        (NOW - 2 * DAY, day("2024-03-12")),
        (last_of(day("2024-03-11"), ZONE), day("2024-03-11")),
        (last_of(day("2024-03-11"), ZONE) + 1, day("2024-03-12")),
        (last_of(day("2024-03-13"), ZONE) + 1, None),  # today is not over
        (NOW + HOUR, None),
    ],
)
def test_the_first_day_that_does_not_hold_is_due(stale_from: int, expected: date | None) -> None:
    assert first_due(stale_from, NOW, DEFINITIONS, DAYS) == expected


def test_no_day_is_made_that_cannot_be_told() -> None:
    short = Definitions(windows=("365d",), horizon_days=735)
    found = first_due(EVER, NOW, short, 1_000)
    assert found == day("2024-03-11")
    assert first_due(EVER, NOW, Definitions(windows=("365d",), horizon_days=731), 1_000) is None


class Business:
    """A partition whose events come in any order, beside the job that makes its days."""

    def __init__(self, seed: int, thread: ThreadPoolExecutor) -> None:
        self.rng, self.thread = random.Random(seed), thread
        events = business(seed, NOW, ZONE, customers=6, history=timedelta(days=40))
        self.events = [event for event in map(decoded, events) if event.occurred_at <= NOW]
        self.applied: list[Any] = []
        self.rows: dict[bytes, bytes] = {}
        self.made = 0
        self.owned = self.new()
        self.saved = (self.owned.days.made_by, Holding(), 0)
        self.now = NOW - 4 * DAY
        store: Any = SimpleNamespace(parts={0: self.owned})
        self.store = store
        self.daily = Daily(store, DEFINITIONS, lambda: self.now, thread, DAYS)

    def new(self) -> Owned:
        owned = Owned(0, Limits(), days=DayMarks(made_by(DEFINITIONS)))
        owned.source_ends = {"orders": 0}
        return owned

    def apply(self) -> None:
        """Some more events, as the intake does."""
        some = [self.events.pop() for _ in range(min(len(self.events), self.rng.randint(1, 12)))]
        self.owned.records.apply_all(some, BEFORE, [])
        self.owned.days.applied(min((event.occurred_at for event in some), default=NOW + DAY))
        self.applied += some

    def draw(self) -> None:
        """As a refresh does; now and then it does not get to the end."""
        self.owned.days.draw_begins()
        while True:
            draft = self.owned.records.draw(3)
            if draft.empty:
                self.owned.drawn = self.owned.days.whole = True
                return
            self.thread.submit(self.owned.facts.update, draft).result()
            if self.rng.random() < 0.1:
                return

    async def make(self) -> None:
        await self.daily._make(self.owned)

    async def make_meanwhile(self) -> None:
        """A day, while a refresh draws what has just come."""
        making = asyncio.create_task(self.make())
        await asyncio.sleep(0)
        self.apply()
        self.draw()
        await making

    def save(self) -> None:
        """A checkpoint: rows, and what they rest on."""
        rows = self.owned.days.saved()
        self.made += sum(value is not None for _, value in rows)
        for key, value in rows:
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value
        self.saved = (self.owned.days.made_by, self.owned.days.written, len(self.applied))

    def crash(self) -> None:
        """What was not saved is gone, and its events are read again."""
        made_by, written, count = self.saved
        self.events += reversed(self.applied[count:])
        self.applied = self.applied[:count]
        self.owned = self.store.parts[0] = self.new()
        self.owned.records.apply_all(self.applied, BEFORE, [])
        self.owned.restore_head(head.pack(head.Head(head.FORMAT, 1, {}, (), made_by, written)))

    def check(self) -> None:
        """All days that are said to hold do, by a partition that applied the same and no more."""
        fresh, facts = Partition(), Facts()
        fresh.apply_all(self.applied[: self.saved[2]], BEFORE, [])
        facts.update(fresh.draw())
        for number in range(1, 60):
            then = date(2024, 3, 14) - timedelta(days=number)
            key, as_of = day_key(then), last_of(then, ZONE)
            if as_of in self.saved[1] and (then > self.today - timedelta(days=DAYS + 1) or key in self.rows):
                row = open_row(self.rows[key])
                assert row is not None
                assert (row.as_of, row.made_by) == (as_of, made_by(DEFINITIONS))
                assert row.summary == measured(facts, as_of, DEFINITIONS), then

    @property
    def today(self) -> date:
        return local_date(self.now, ZoneInfo(ZONE))


@pytest.mark.parametrize("seed", range(3))
async def test_a_day_that_is_said_to_hold_holds_whatever_is_late_or_crashes(seed: int) -> None:
    with ThreadPoolExecutor(1) as thread:
        one = Business(seed, thread)
        while one.events:
            step = one.rng.random()
            if step < 0.25:
                one.apply()
            elif step < 0.5:
                one.draw()
            elif step < 0.7:
                await one.make()
            elif step < 0.8:
                await one.make_meanwhile()
            elif step < 0.85:
                one.now = min(one.now + DAY, NOW)
            elif step < 0.97:
                one.save()
                one.check()
            else:
                one.crash()
        one.now = NOW
        for _ in range(4 * DAYS):
            one.draw()
            await one.make()
        one.save()
        last = [last_of(day("2024-03-13") - timedelta(days=number), ZONE) for number in range(DAYS)]
        assert all(as_of in one.owned.days.written for as_of in last)
        one.check()


async def test_a_late_event_has_the_days_made_again_that_it_touches_and_no_others() -> None:
    with ThreadPoolExecutor(1) as thread:
        one = Business(1, thread)
        one.now = NOW
        one.events, late = one.events[1:], one.events[0]
        one.events.sort(key=lambda event: event.occurred_at, reverse=True)
        late.occurred_at = NOW - 3 * DAY - HOUR
        while one.events:
            one.apply()
        for _ in range(DAYS + 3):
            one.draw()
            await one.make()
        one.save()
        before, one.made = dict(one.rows), 0
        assert len(before) == DAYS
        one.events = [late]
        one.apply()
        for _ in range(DAYS + 3):
            one.draw()
            await one.make()
        one.save()
        one.check()
        again = {key for key, value in one.rows.items() if value != before[key]}
        assert again == {b"2024-03-11", b"2024-03-12", b"2024-03-13"}
        assert one.made == 3


async def test_a_day_that_is_not_looked_after_any_more_does_not_hold_once_something_touches_it() -> None:
    with ThreadPoolExecutor(1) as thread:
        one = Business(1, thread)
        one.now = NOW
        one.events, late = one.events[1:], one.events[0]
        late.occurred_at = NOW - 9 * DAY
        while one.events:
            one.apply()
        for _ in range(DAYS + 3):
            one.draw()
            await one.make()
        one.daily = Daily(one.store, DEFINITIONS, lambda: NOW, thread, 4)  # fewer days from now on
        before, touched, looked_after = (last_of(day(f"2024-03-{n:02}"), ZONE) for n in (4, 6, 10))
        assert all(as_of in one.owned.days.holding for as_of in (before, touched, looked_after))
        one.events = [late]
        one.apply()
        for _ in range(8):
            one.draw()
            await one.make()
        one.save()
        assert looked_after in one.owned.days.written
        assert touched not in one.owned.days.written
        one.check()


async def test_nothing_is_made_while_history_is_read_or_facts_are_behind() -> None:
    with ThreadPoolExecutor(1) as thread:
        one = Business(2, thread)
        one.apply()
        await one.make()
        assert not one.owned.days.rows  # nothing has been drawn yet
        one.draw()
        while not one.owned.days.whole:
            one.draw()
        one.owned.source_ends = {"orders": 1}
        await one.make()
        assert not one.owned.days.rows  # there is more to read
        one.owned.source_ends = {"orders": 0}
        await one.make()
        assert one.owned.days.rows
        one.owned.days.rows = []
        one.owned.forget_facts()
        await one.make()
        assert not one.owned.days.rows


def test_days_of_other_settings_do_not_hold() -> None:
    marks = DayMarks(made_by(DEFINITIONS))
    marks.restore(made_by(Definitions()), (NOW - DAY, NOW))
    assert NOW - HOUR not in marks.holding
    marks.restore(made_by(DEFINITIONS), (NOW - DAY, NOW))
    assert NOW - HOUR in marks.holding
    assert NOW - DAY - 1 not in marks.holding
    marks.applied(NOW - HOUR)
    assert NOW - HOUR not in marks.holding
    assert NOW - HOUR - 1 in marks.holding
