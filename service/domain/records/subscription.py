"""One subscription's way through time: the rules of definitions, section 4, one method a transition."""

from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from typing import ClassVar

from service.domain.records import transitions as kinds
from service.domain.records.customer import NEVER
from service.domain.records.life import ACTIVE, PAST_DUE, PAUSED, TRIALING, Life, Parting, Stretch, Trial
from service.domain.records.transitions import Transition

PERIODS_PER_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}


class Subscription:
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

    def run(self, transitions: list[Transition], erased_at: int | None) -> None:
        """Visit every instant at which something is said or falls due."""
        groups = {at: list(group) for at, group in groupby(transitions, key=attrgetter("at"))}
        erased = None if erased_at is None else max(erased_at, *groups)
        said = sorted({*groups} if erased is None else {*groups, erased}, reverse=True)
        while (now := min(said[-1] if said else NEVER, self._due())) != NEVER:
            if said and said[-1] == now:
                said.pop()
            self._instant(now, groups.get(now, []), erased=now == erased)
        self._close(NEVER, None)

    def _due(self) -> int:
        """The next instant at which a trial or a schedule runs out."""
        return min(self.trial_ends_at, self.ends_at) if self.live else NEVER

    def _instant(self, now: int, transitions: list[Transition], *, erased: bool) -> None:
        """In this order: ends of what was live, other transitions, ends of what they began, what falls due by
        itself, an erasure."""
        ended = [t for t in transitions if t.kind == kinds.ENDED]
        others = [t for t in transitions if t.kind != kinds.ENDED]
        for transition in [*ended, *others] if self.live else [*others, *ended]:
            self._mention(transition)
            self._STEPS[transition.kind](self, transition)
        if self.live and self.trial_ends_at <= now:
            self.lapsed = len(self.life.trials)
            self._end(now, "unknown")
        if self.live and self.ends_at <= now:
            self._end(now, self.reason)
        if erased:
            self._erase(now)
        self._close(now, self._stretch_from(now) if self.live else None)

    def _stretch_from(self, now: int) -> Stretch:
        self._saw(self.plan, self.currency, now)
        annual = self.minor * self.quantity * PERIODS_PER_YEAR[self.interval]
        scheduled = self.ends_at != NEVER
        return Stretch(
            now, NEVER, self.status, self.plan, self.currency, annual, self.interval_count, scheduled
        )

    def _close(self, now: int, following: Stretch | None) -> None:
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

    def _started(self, t: Transition) -> None:
        """All terms are new; on a live subscription too, whose open trial then counts nowhere."""
        self.trial_ends_at = NEVER
        self._unschedule(t)
        self.lapsed, self.live = None, True
        self.interval_count, self.quantity = 1, 1
        self._terms(t)
        trial = t.until is not None and t.until > t.at
        self.status = TRIALING if trial else ACTIVE
        self.trial_ends_at = t.until if trial and t.until is not None else NEVER

    def _activated(self, t: Transition) -> None:
        """An open trial converts (a paused one stays paused); one that lapsed by itself is revived."""
        if self.live and self.trial_ends_at != NEVER:
            self._end_trial(t.at, converted_at=t.at)
            self.status = ACTIVE if self.status == TRIALING else self.status
        elif not self.live and self.lapsed is not None:
            self.life.trials[self.lapsed] = self.life.trials[self.lapsed]._replace(converted_at=t.at)
            self.lapsed, self.live, self.status = None, True, ACTIVE

    def _renewed(self, t: Transition) -> None:
        """As activated, and a failed payment is made good."""
        self._activated(t)
        self._payment_recovered(t)

    def _changed(self, t: Transition) -> None:
        if self.live:
            self._terms(t)

    def _terms(self, t: Transition) -> None:
        self.plan = self.plan if t.plan is None else t.plan
        if t.minor is not None and t.currency is not None:
            self.minor, self.currency = t.minor, t.currency
        self.interval = t.interval or self.interval
        self.interval_count = t.interval_count or self.interval_count
        self.quantity = t.quantity or self.quantity

    def _paused(self, t: Transition) -> None:
        if self.live:
            self.status = PAUSED

    def _resumed(self, t: Transition) -> None:
        if self.live and self.status == PAUSED:
            self.status = ACTIVE if self.trial_ends_at == NEVER else TRIALING

    def _payment_failed(self, t: Transition) -> None:
        if self.live and self.status == ACTIVE:
            self.status = PAST_DUE
            self.life.failures.append((t.at, self.plan))

    def _payment_recovered(self, t: Transition) -> None:
        if self.live and self.status == PAST_DUE:
            self.status = ACTIVE

    def _cancel_scheduled(self, t: Transition) -> None:
        """A date in the past takes effect at the end of this instant."""
        if self.live and t.until is not None:
            self.ends_at, self.reason = max(t.until, t.at), t.reason or "unknown"

    def _unschedule(self, t: Transition) -> None:
        self.ends_at, self.reason = NEVER, "unknown"

    def _ended(self, t: Transition) -> None:
        if self.live:
            self._end(t.at, t.reason or self.reason)

    _STEPS: ClassVar[dict[int, Callable[["Subscription", Transition], None]]] = {
        kinds.STARTED: _started,
        kinds.ACTIVATED: _activated,
        kinds.RENEWED: _renewed,
        kinds.CHANGED: _changed,
        kinds.PAUSED: _paused,
        kinds.RESUMED: _resumed,
        kinds.PAYMENT_FAILED: _payment_failed,
        kinds.PAYMENT_RECOVERED: _payment_recovered,
        kinds.CANCEL_SCHEDULED: _cancel_scheduled,
        kinds.CANCEL_UNSCHEDULED: _unschedule,
        kinds.ENDED: _ended,
    }

    def _end(self, now: int, reason: str) -> None:
        """The life ends, whatever the cause: so does an open trial, and the schedule is cleared."""
        if self.trial_ends_at != NEVER:
            self._end_trial(now, converted_at=NEVER)
        had_paid = self.has_paid or (self.open is not None and self.open.paying and self.open.start < now)
        if had_paid:
            self.life.partings.append(Parting(now, reason, ended=True))
        self.live, self.ends_at, self.reason = False, NEVER, "unknown"

    def _erase(self, now: int) -> None:
        self.lapsed = None
        if self.live:
            self._end(now, "erased")

    def _end_trial(self, now: int, converted_at: int) -> None:
        self.life.trials.append(Trial(now, converted_at))
        self.trial_ends_at = NEVER

    def _mention(self, t: Transition) -> None:
        if t.plan is not None or t.currency is not None:
            self._saw(t.plan or "", t.currency or "", t.at)

    def _saw(self, plan: str, currency: str, at: int) -> None:
        self.seen[plan, currency] = min(at, self.seen.get((plan, currency), NEVER))


def _stopped_by(following: Stretch) -> str:
    """Why a subscription that lives on stopped paying."""
    if following.status == PAUSED:
        return "paused"
    return "free_plan" if following.annual == 0 and following.status != TRIALING else "unknown"
