"""Looks at the facts of a partition again and again for what there is to say of single customers."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from schemas.instants import DAY
from service.domain.facts import Facts
from service.domain.insights import contracts, orders, segments, silence
from service.domain.insights.attention import Attention
from service.domain.insights.findings import Finding, Findings, State
from service.domain.insights.rules import Rules
from service.domain.insights.segments import Edition
from service.domain.metrics.fits import Fits
from service.domain.metrics.moment import Moment
from service.domain.metrics.thresholds import Thresholds
from service.domain.records import Draft
from service.domain.records.sayings import Sayings, Watch


class Question(NamedTuple):
    """What a look begins with. `anew`: look at everybody, and these have been spoken of before."""

    watch: Watch
    anew: Collection[str] | None


class Business(NamedTuple):
    """What all customers together say about one: models of predicted value, and borders between scores."""

    fits: Fits
    thresholds: Thresholds | None


class Look(NamedTuple):
    """What was found by name as of an instant, and what is to be watched for afterwards."""

    found: dict[str, list[Finding | State]]
    as_of: int
    then: Watch


class Watcher:
    """Of one partition. Remembers only at whom and when it looked last; who does not finds everything once
    more, and what was said is known from `Sayings`."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._anew = True
        self._asked: Question | None = None
        self._often, self._moves = Attention(), Attention()

    def look_anew(self) -> None:
        """Have the next look be at everybody; what was asked before is of no interest any more."""
        self._anew, self._asked = True, None

    def ask(self, sayings: Sayings) -> Question | None:
        """What the next look is about; None as long as there is something left to say from the last one."""
        if sayings.due or sayings.watch is None:
            return None
        anew, self._anew = self._anew, False
        self._asked = Question(sayings.watch, list(sayings.held) if anew else None)
        return self._asked

    def answers(self, question: Question) -> bool:
        """Whether what was found by this question is still wanted."""
        return question is self._asked

    def note(self, draft: Draft, facts: Facts) -> None:
        """These customers have changed, and are in the facts as they are now."""
        if draft.anew:
            self._often, self._moves = Attention(), Attention()
        names = (*draft.fresh.names, *draft.orders, *draft.lives)
        self._note(facts.numbers(names), facts.numbers(draft.spoken_of), facts.customers)

    def _note(self, changed: Sequence[int], spoken_of: Sequence[int], size: int) -> None:
        for attention in (self._often, self._moves):
            attention.note(changed, spoken_of, size)

    def look(self, moment: Moment, question: Question, business: Business) -> Look:
        """Find what came about since the last look, or since what is watched for began."""
        facts, watch, found = moment.facts, question.watch, Findings()
        if question.anew is not None:
            self._note(range(facts.customers), facts.numbers(question.anew), facts.customers)
        if moment.as_of <= watch.floor:
            return Look({}, moment.as_of, watch)
        self._look_often(moment, watch.floor, found)
        today = moment.days.today_starts_at
        if today > watch.silence:
            everybody, since = np.ones(facts.customers, bool), max(watch.floor, watch.silence)
            orders.find(moment, self.rules, everybody, since, found)  # of who changed all is found above
            silence.overdue(moment, self.rules, watch.floor, found)
            watch = replace(watch, silence=today)
        if today > watch.leaving and business.fits:
            silence.leaving(moment, self.rules, business.fits, watch.floor, found)
            watch = replace(watch, leaving=today)
        if business.thresholds is not None:
            watch = self._look_at_moves(moment, watch, Edition(today, business.thresholds), found)
        names = facts.names(found.keys())
        told = {names[number]: own for number, own in found.items()}
        return Look(told, moment.as_of, self._risen(watch, moment.as_of))

    def _look_often(self, moment: Moment, floor: int, found: Findings) -> None:
        """For what events bring about, and for what contracts say of this very instant."""
        size = moment.facts.customers
        spoken_of = self._often.spoken_of(size)
        contracts.find(moment, self._often.after(floor, size), spoken_of, found)
        orders.find(moment, self.rules, self._often.changed(size), floor, found)
        orders.stand(moment, self.rules, spoken_of, found)
        self._often.looked(moment.as_of)

    def _look_at_moves(self, moment: Moment, watch: Watch, now: Edition, found: Findings) -> Watch:
        """Once a day, by the thresholds as they are then."""
        before = segments.unpack(watch.edition) if watch.edition else None
        if before and before.begins_at >= now.begins_at:
            return watch
        if before and now.begins_at > watch.floor:
            segments.find(moment, before, now, self._moves.spoken_of(moment.facts.customers), found)
        self._moves.looked(moment.as_of)
        return replace(watch, edition=segments.pack(now))

    def _risen(self, watch: Watch, as_of: int) -> Watch:
        """Nothing is said of what is older than that; in steps of a day."""
        floor = as_of - self.rules.reach
        if floor < watch.floor + DAY:
            return watch
        return replace(watch, floor=floor, kept_from=floor - self.rules.reach)
