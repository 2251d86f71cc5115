"""The life of one subscription, told transition by transition (definitions.md section 4).

`tell` reads like the table of section 4. Nothing is shared with the domain.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from tests.oracle.instants import instant
from tests.oracle.money import major

PERIODS_PER_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
ORDER_WITHIN_AN_INSTANT = (
    "started",
    "activated",
    "renewed",
    "changed",
    "paused",
    "resumed",
    "payment_failed",
    "payment_recovered",
    "cancel_scheduled",
    "cancel_unscheduled",
)


class State(NamedTuple):
    """What holds from one instant to the next; status None means not live."""

    since: int
    status: str | None
    plan: str
    price: int
    currency: str
    annual_value: Fraction
    ends_at: int | None  # if a cancellation is scheduled

    @property
    def scheduled(self) -> bool:
        return self.ends_at is not None

    @property
    def paying(self) -> bool:
        return self.status in ("active", "past_due") and self.price > 0

    @property
    def mrr(self) -> Fraction:
        return self.annual_value / 12 if self.paying else Fraction(0)


class Stretch(NamedTuple):
    """A paying stretch [start, end); end None: still going on at as_of. stopped_by: the state after it."""

    start: int
    end: int | None
    stopped_by: State | None


class Trial(NamedTuple):
    end: int
    converted: bool


class End(NamedTuple):
    at: int
    reason: str


@dataclass
class Life:
    """All that sections 3 and 4 ask about one subscription."""

    states: list[State] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)  # in fold order
    trials: list[Trial] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)  # (instant, plan)
    pairs: set[tuple[str, str]] = field(default_factory=set)  # (plan, currency) held after an instant

    def at(self, moment: int) -> State | None:
        """The state that holds at an instant, all its transitions included."""
        found = None
        for state in self.states:
            if state.since > moment:
                break
            found = state
        return found

    def stretches(self) -> list[Stretch]:
        """Maximal paying stretches; states last at least a microsecond, so none has zero length."""
        found: list[Stretch] = []
        start = None
        for state in self.states:
            if state.paying and start is None:
                start = state.since
            elif not state.paying and start is not None:
                found.append(Stretch(start, state.since, state))
                start = None
        if start is not None:
            found.append(Stretch(start, None, None))
        return found

    def ends_after_paying(self) -> list[End]:
        """The ends before which this subscription had paid."""
        first = min((s.start for s in self.stretches()), default=None)
        return [end for end in self.ends if first is not None and first < end.at]


class _Teller:
    """The subscription while its story is told."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.status: str | None = None
        self.plan = ""
        self.price, self.currency = 0, ""
        self.interval, self.interval_count, self.quantity = "", 1, 1
        self.trial_ends_at: int | None = None  # set while a trial is open
        self.schedule: tuple[int, str | None] | None = None
        self.lapsed: int | None = None  # where in life.trials the trial stands that lapsed by itself

    def annual_value(self) -> Fraction:
        if not self.plan:
            return Fraction(0)
        amount = self.price * self.quantity * PERIODS_PER_YEAR[self.interval]
        return major(amount, self.currency) / self.interval_count

    def take_terms(self, event: dict) -> None:
        if event.get("plan") is not None:
            self.plan = event["plan"]
        if event.get("price") is not None:
            self.price, self.currency = event["price"]["minor"], event["price"]["currency"]
        if event.get("interval") is not None:
            self.interval = event["interval"]
        if event.get("interval_count") is not None:
            self.interval_count = event["interval_count"]
        if event.get("quantity") is not None:
            self.quantity = event["quantity"]

    def end_trial(self, at: int, converted: bool) -> None:
        self.life.trials.append(Trial(at, converted))
        self.trial_ends_at = None

    def end_life(self, at: int, reason: str | None) -> None:
        if self.trial_ends_at is not None:
            self.end_trial(at, converted=False)
        self.status, self.schedule = None, None
        self.life.ends.append(End(at, reason or "unknown"))

    def started(self, at: int, event: dict) -> None:
        self.interval_count, self.quantity = 1, 1
        self.take_terms(event)
        self.schedule, self.lapsed, self.trial_ends_at = None, None, None
        self.status = "active"
        trial_ends_at = event.get("trial_ends_at")
        if trial_ends_at is not None and instant(trial_ends_at) > at:
            self.status, self.trial_ends_at = "trialing", instant(trial_ends_at)

    def activated(self, at: int, event: dict) -> None:
        if self.status is None and self.lapsed is not None:
            self.life.trials[self.lapsed] = self.life.trials[self.lapsed]._replace(converted=True)
            self.status, self.lapsed = "active", None
        elif self.trial_ends_at is not None:
            self.end_trial(at, converted=True)
            if self.status == "trialing":
                self.status = "active"

    def renewed(self, at: int, event: dict) -> None:
        if self.status == "past_due":
            self.status = "active"
        else:
            self.activated(at, event)

    def changed(self, at: int, event: dict) -> None:
        if self.status is not None:
            self.take_terms(event)

    def paused(self, at: int, event: dict) -> None:
        if self.status is not None:
            self.status = "paused"

    def resumed(self, at: int, event: dict) -> None:
        if self.status == "paused":
            self.status = "active" if self.trial_ends_at is None else "trialing"

    def payment_failed(self, at: int, event: dict) -> None:
        if self.status == "active":
            self.status = "past_due"
            self.life.failures.append((at, self.plan))

    def payment_recovered(self, at: int, event: dict) -> None:
        if self.status == "past_due":
            self.status = "active"

    def cancel_scheduled(self, at: int, event: dict) -> None:
        if self.status is not None:
            self.schedule = (max(at, instant(event["ends_at"])), event.get("reason"))

    def cancel_unscheduled(self, at: int, event: dict) -> None:
        self.schedule = None

    def ended(self, at: int, event: dict) -> None:
        if self.status is not None:
            self.end_life(at, event.get("reason") or (self.schedule and self.schedule[1]))

    def implicit_ends(self, at: int) -> None:
        if self.status is not None and self.trial_ends_at is not None and self.trial_ends_at <= at:
            self.end_life(at, None)
            self.lapsed = len(self.life.trials) - 1
        if self.status is not None and self.schedule is not None and self.schedule[0] <= at:
            self.end_life(at, self.schedule[1])

    def erased(self, at: int) -> None:
        self.lapsed = None
        if self.status is not None:
            self.end_life(at, "erased")

    def next_implicit_end(self) -> int | None:
        if self.status is None:
            return None
        candidates = [at for at in (self.trial_ends_at, self.schedule and self.schedule[0]) if at is not None]
        return min(candidates, default=None)


def tell(transitions: list[dict], erased_at: int | None, as_of: int) -> Life:
    """Fold one subscription's transitions (no repeats among them) up to and including as_of.

    `erased_at`: when an erasure ends it, none of its transitions being later.
    """
    life = Life()
    teller = _Teller(life)
    by_instant: dict[int, list[dict]] = defaultdict(list)
    for event in transitions:
        by_instant[instant(event["occurred_at"])].append(event)
    waiting = sorted(at for at in {*by_instant, erased_at} if at is not None and at <= as_of)
    while True:
        implicit = teller.next_implicit_end()
        candidates = waiting[:1] + ([implicit] if implicit is not None else [])
        at = min(candidates, default=None)
        if at is None or at > as_of:
            return life
        if waiting and waiting[0] == at:
            waiting.pop(0)
        _one_instant(teller, at, by_instant.get(at, []), at == erased_at)
        if teller.status is not None:
            life.pairs.add((teller.plan, teller.currency))
        life.states.append(
            State(
                at,
                teller.status,
                teller.plan,
                teller.price,
                teller.currency,
                teller.annual_value(),
                teller.schedule and teller.schedule[0],
            )
        )


def _one_instant(teller: _Teller, at: int, events: list[dict], erased: bool) -> None:
    by_type: dict[str, list[dict]] = defaultdict(list)
    for event in sorted(events, key=lambda e: e["event_id"]):
        by_type[event["type"].removeprefix("subscription.")].append(event)
    live_before = teller.status is not None
    if live_before:
        for event in by_type["ended"]:
            teller.ended(at, event)
    for kind in ORDER_WITHIN_AN_INSTANT:
        for event in by_type[kind]:
            getattr(teller, kind)(at, event)
    if not live_before:
        for event in by_type["ended"]:
            teller.ended(at, event)
    teller.implicit_ends(at)
    if erased:
        teller.erased(at)
