"""The subscription fold (definitions, section 4): transitions in any order -> what happened when.

The fold is causal: what it says of an instant depends only on transitions at or before that instant. So the
facts of a whole life, cut at any as_of, are the facts as they stood then.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import ClassVar, NamedTuple

from schemas.currencies import exponent
from service.domain.records import transitions as kinds
from service.domain.records.customer import NEVER
from service.domain.records.transitions import Transition

TRIALING, ACTIVE, PAST_DUE, PAUSED = 0, 1, 2, 3
STATUSES = ("trialing", "active", "past_due", "paused")

PERIODS_PER_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}


class Stretch(NamedTuple):
    """A time in which nothing about a live subscription changes: after `start` up to and including `end`,
    counted in boundaries. Its annual value is `annual / interval_count` minor units."""

    start: int
    end: int
    status: int
    plan: str
    currency: str
    annual: int
    interval_count: int
    scheduled: bool

    @property
    def paying(self) -> bool:
        """Whether the subscription is paying (definitions, section 3)."""
        return self.annual > 0 and self.status in (ACTIVE, PAST_DUE)


class Parting(NamedTuple):
    """A subscription's end, or (`ended` false) a stop of its payments while it lives on."""

    at: int
    reason: str
    ended: bool


class Trial(NamedTuple):
    """A trial that is over: when it ended, and since when it counts as converted."""

    ended_at: int
    converted_at: int


class Mention(NamedTuple):
    """A plan, a currency, or both together, seen first at this instant; an absent one is empty."""

    plan: str
    currency: str
    at: int


class Life(NamedTuple):
    """All that a customer's transitions say, ordered so that the first stretch alive gives the plan."""

    stretches: list[Stretch]
    partings: list[Parting]
    trials: list[Trial]
    failures: list[tuple[int, str]]
    mentions: list[Mention]
    first_plan: tuple[int, str] | None


NOTHING = Life([], [], [], [], [], None)


def fold(transitions: Iterable[Transition], erased_at: Sequence[int] = ()) -> Life:
    """One customer's life from all transitions of all subscriptions, in any order.

    `erased_at`: instants of `customer.erased`, at which every live subscription ends.
    """
    ordered = sorted(transitions, key=lambda t: (t.subscription, t.at, t.kind, t.event))
    stretches: list[tuple[str, Stretch]] = []
    life = Life([], [], [], [], [], min(_first_plans(ordered), default=None))
    seen: dict[tuple[str, str], int] = {}
    for subscription, own in groupby(ordered, key=attrgetter("subscription")):
        one = _Subscription(life, seen)
        one.run(list(own), erased_at)
        stretches.extend((subscription, stretch) for stretch in one.stretches)
    if stretches and stretches[0][0] != stretches[-1][0]:
        stretches.sort(key=_by_value)
    life.stretches.extend(stretch for _, stretch in stretches)
    life.mentions.extend(Mention(plan, currency, at) for (plan, currency), at in seen.items())
    return life


def _first_plans(transitions: Iterable[Transition]) -> Iterator[tuple[int, str]]:
    return ((t.at, t.plan) for t in transitions if t.kind == kinds.STARTED and t.plan is not None)


def _by_value(row: tuple[str, Stretch]) -> tuple[Fraction, str, int]:
    """Highest annual value in major units first, then the smallest subscription_id."""
    subscription, stretch = row
    major = Fraction(stretch.annual, stretch.interval_count * 10 ** exponent(stretch.currency))
    return -major, subscription, stretch.start


class _Subscription:
    """One subscription on its way through time; what it does is written into the customer's `life`."""

    def __init__(self, life: Life, seen: dict[tuple[str, str], int]) -> None:
        self.life, self.seen = life, seen
        self.stretches: list[Stretch] = []
        self.live = False
        self.status = ACTIVE
        self.plan, self.minor, self.currency = "", 0, ""
        self.interval, self.interval_count, self.quantity = "month", 1, 1
        self.trial_ends_at = NEVER  # of an open trial
        self.ends_at, self.reason = NEVER, "unknown"  # of a pending schedule
        self.lapsed: int | None = None  # which trial of `life` lapsed by itself and can be revived
        self.open: Stretch | None = None
        self.has_paid = False

    def run(self, transitions: list[Transition], erased_at: Sequence[int]) -> None:
        """Visit every instant at which something is said or falls due."""
        groups = {at: list(group) for at, group in groupby(transitions, key=attrgetter("at"))}
        said = sorted({*groups, *erased_at}, reverse=True)
        while (now := min(said[-1] if said else NEVER, self.due())) != NEVER:
            if said and said[-1] == now:
                said.pop()
            self.instant(now, groups.get(now, []), erased=now in erased_at)
        self.close(NEVER, None)

    def due(self) -> int:
        """The next instant at which a trial or a schedule runs out."""
        return min(self.trial_ends_at, self.ends_at) if self.live else NEVER

    def instant(self, now: int, transitions: list[Transition], *, erased: bool) -> None:
        ended = [t for t in transitions if t.kind == kinds.ENDED]
        others = [t for t in transitions if t.kind != kinds.ENDED]
        for transition in [*ended, *others] if self.live else [*others, *ended]:
            self.mention(transition)
            self.STEPS[transition.kind](self, transition)
        if self.live and self.trial_ends_at <= now:
            self.lapsed = len(self.life.trials)
            self.end(now, "unknown")
        if self.live and self.ends_at <= now:
            self.end(now, self.reason)
        if erased:
            self.erase(now)
        self.close(now, self.stretch_from(now) if self.live else None)

    def stretch_from(self, now: int) -> Stretch:
        self.saw(self.plan, self.currency, now)
        annual = self.minor * self.quantity * PERIODS_PER_YEAR[self.interval]
        scheduled = self.ends_at != NEVER
        return Stretch(
            now, NEVER, self.status, self.plan, self.currency, annual, self.interval_count, scheduled
        )

    def close(self, now: int, following: Stretch | None) -> None:
        """End the open stretch, unless what follows is just the same."""
        before = self.open
        if before and following and before[2:] == following[2:]:
            return
        self.open = following
        if before is None:
            return
        self.stretches.append(before._replace(end=now))
        self.has_paid = self.has_paid or before.paying
        if before.paying and following and not following.paying:
            self.life.partings.append(Parting(now, _stopped_by(following), ended=False))

    # ------------------------------------------------------------------ the transitions

    def started(self, t: Transition) -> None:
        self.trial_ends_at = NEVER
        self.unschedule(t)
        self.lapsed, self.live = None, True
        self.interval_count, self.quantity = 1, 1
        self.terms(t)
        trial = t.until is not None and t.until > t.at
        self.status = TRIALING if trial else ACTIVE
        self.trial_ends_at = t.until if trial and t.until is not None else NEVER

    def activated(self, t: Transition) -> None:
        if self.live and self.trial_ends_at != NEVER:
            self.end_trial(t.at, converted_at=t.at)
            self.status = ACTIVE if self.status == TRIALING else self.status
        elif not self.live and self.lapsed is not None:
            self.life.trials[self.lapsed] = self.life.trials[self.lapsed]._replace(converted_at=t.at)
            self.lapsed, self.live, self.status = None, True, ACTIVE

    def renewed(self, t: Transition) -> None:
        self.activated(t)
        self.payment_recovered(t)

    def changed(self, t: Transition) -> None:
        if self.live:
            self.terms(t)

    def terms(self, t: Transition) -> None:
        self.plan = self.plan if t.plan is None else t.plan
        if t.minor is not None and t.currency is not None:
            self.minor, self.currency = t.minor, t.currency
        self.interval = t.interval or self.interval
        self.interval_count = t.interval_count or self.interval_count
        self.quantity = t.quantity or self.quantity

    def paused(self, t: Transition) -> None:
        if self.live:
            self.status = PAUSED

    def resumed(self, t: Transition) -> None:
        if self.live and self.status == PAUSED:
            self.status = ACTIVE if self.trial_ends_at == NEVER else TRIALING

    def payment_failed(self, t: Transition) -> None:
        if self.live and self.status == ACTIVE:
            self.status = PAST_DUE
            self.life.failures.append((t.at, self.plan))

    def payment_recovered(self, t: Transition) -> None:
        if self.live and self.status == PAST_DUE:
            self.status = ACTIVE

    def cancel_scheduled(self, t: Transition) -> None:
        if self.live and t.until is not None:
            self.ends_at, self.reason = max(t.until, t.at), t.reason or "unknown"

    def unschedule(self, t: Transition) -> None:
        self.ends_at, self.reason = NEVER, "unknown"

    def ended(self, t: Transition) -> None:
        if self.live:
            self.end(t.at, t.reason or self.reason)

    STEPS: ClassVar[dict[int, Callable[["_Subscription", Transition], None]]] = {
        kinds.STARTED: started,
        kinds.ACTIVATED: activated,
        kinds.RENEWED: renewed,
        kinds.CHANGED: changed,
        kinds.PAUSED: paused,
        kinds.RESUMED: resumed,
        kinds.PAYMENT_FAILED: payment_failed,
        kinds.PAYMENT_RECOVERED: payment_recovered,
        kinds.CANCEL_SCHEDULED: cancel_scheduled,
        kinds.CANCEL_UNSCHEDULED: unschedule,
        kinds.ENDED: ended,
    }

    # ------------------------------------------------------------------ what they have in common

    def end(self, now: int, reason: str) -> None:
        if self.trial_ends_at != NEVER:
            self.end_trial(now, converted_at=NEVER)
        had_paid = self.has_paid or (self.open is not None and self.open.paying and self.open.start < now)
        if had_paid:
            self.life.partings.append(Parting(now, reason, ended=True))
        self.live, self.ends_at, self.reason = False, NEVER, "unknown"

    def erase(self, now: int) -> None:
        self.lapsed = None
        if self.live:
            self.end(now, "erased")

    def end_trial(self, now: int, converted_at: int) -> None:
        self.life.trials.append(Trial(now, converted_at))
        self.trial_ends_at = NEVER

    def mention(self, t: Transition) -> None:
        if t.plan is not None or t.currency is not None:
            self.saw(t.plan or "", t.currency or "", t.at)

    def saw(self, plan: str, currency: str, at: int) -> None:
        self.seen[plan, currency] = min(at, self.seen.get((plan, currency), NEVER))


def _stopped_by(following: Stretch) -> str:
    """Why a subscription that lives on stopped paying."""
    if following.status == PAUSED:
        return "paused"
    return "free_plan" if following.annual == 0 and following.status != TRIALING else "unknown"
