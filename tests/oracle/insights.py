"""What is to be said of single customers (docs/insights.md), by plain loops over people and days.

`Teller.look` is asked at one instant after another, each time with all that has arrived so far. Nothing is
shared with the domain.
"""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.oracle.customers import class_of
from tests.oracle.instants import HOUR, local_day, start_of_day
from tests.oracle.people import Person, gather

DAY = 24 * HOUR


class Said(NamedTuple):
    """An insight: its type; basis, reason of a risk, or segment; whose and of when; plan, why, what said
    before it corrects (its type and instant), and what else a risk is told with."""

    type: str
    what: str
    customer: str
    at: int
    plan: str | None = None
    reason: str | None = None
    reason_class: str | None = None
    corrects: tuple[str, int] | None = None
    ends_at: int | None = None
    last_order_at: int | None = None
    usual_days: float | None = None
    probability_alive: float | None = None


class Risk(NamedTuple):
    """One that lasts: since when, in which run, and what is told with it."""

    at: int
    run: int
    told: dict[str, Any]


class Model(NamedTuple):
    """BG/NBD of one currency, time in weeks."""

    r: float
    alpha: float
    a: float
    b: float


class Teller:
    """Remembers what it has said."""

    def __init__(
        self,
        since: int,
        zone: ZoneInfo,
        *,
        days: int,
        lapse: int,
        overdue: Fraction,
        alive_below: float,
        models: dict[str, Model],
        horizon: int,
    ) -> None:
        self.floor, self.zone, self.days, self.lapse = since, zone, days, lapse
        self.overdue, self.alive_below, self.models, self.horizon = overdue, alive_below, models, horizon
        self.last: dict[tuple[str, str], tuple[Said, int]] = {}  # by customer and matter: with its run
        self.asked_daily: date | None = None

    def look(self, events: list[dict], as_of: int) -> list[Said]:
        """What is said as of an instant, by all that has arrived."""
        if as_of <= self.floor:
            return []
        said: list[Said] = []
        people = {name: person for name, person in gather(events, as_of).items() if " until " not in name}
        today = local_day(as_of, self.zone)
        daily = self.asked_daily is None or today > self.asked_daily
        for name, person in people.items():
            said += self._churn(name, "subscription", paid(person, as_of))
            said += self._churn(name, "orders", self._ordered(person, as_of))
            for what in ("past_due", "cancellation_scheduled"):
                said += self._risk(name, what, begun(person, what, as_of))
            if daily:
                said += self._risk(name, "overdue", self._silent(person, today, as_of))
                said += self._risk(name, "probability_alive", self._leaving(person, today, as_of))
        self.asked_daily = today
        if as_of - self.days * DAY >= self.floor + DAY:
            self.floor = as_of - self.days * DAY
            self._forget(self.floor - self.days * DAY)
        return said

    def _forget(self, before: int) -> None:
        newest: dict[str, int] = defaultdict(lambda: before)
        for (name, _), (said, _) in self.last.items():
            newest[name] = max(newest[name], said.at + 1)
        self.last = {key: each for key, each in self.last.items() if newest[key[0]] > before}

    def _churn(
        self, name: str, basis: str, edges: list[tuple[bool, int, str | None, str | None]]
    ) -> list[Said]:
        """`edges`: gone (or back) since when, plan and reason, of the whole life up to now; first what was
        before the first edge counts as it was."""
        found = [
            Said(
                f"customer.{'churned' if gone else 'reactivated'}",
                basis,
                name,
                at,
                plan,
                reason,
                reason and class_of(reason),
            )
            for gone, at, plan, reason in edges
            if at > self.floor and at >= 0
        ]
        gone_now = edges[-1][0] if edges else True
        last = self.last.get((name, basis), (None, 0))[0]
        new = [each for each in found if last is None or each.at > last.at]
        if last is not None and last.at > self.floor:
            still = any((each.type, each.at) == (last.type, last.at) for each in found)
            corrects = (last.type, last.at)
            if not still and new and new[0].type == last.type:
                new[0] = new[0]._replace(corrects=corrects)
            elif not still and not new and gone_now != (last.type == "customer.churned"):
                kind = f"customer.{'churned' if gone_now else 'reactivated'}"
                new = [Said(kind, basis, name, last.at, corrects=corrects)]
        if new:
            self.last[name, basis] = new[-1], new[-1].at
        return new

    def _risk(self, name: str, what: str, found: Risk | None) -> list[Said]:
        if found is None or found.at <= self.floor:
            return []
        at, run, told = found
        before = self.last.get((name, what))
        if before is not None and (run <= before[1] or at <= before[0].at):
            return []
        said = Said("customer.at_risk", what, name, at, **told)
        self.last[name, what] = said, run
        return [said]

    def _ordered(self, person: Person, as_of: int) -> list[tuple[bool, int, str | None, str | None]]:
        """Gone and back by orders: active is who ordered on one of the last so many days."""
        placed = sorted(order.at for order in person.orders)
        edges, active = [], False
        for place, at in enumerate(placed):
            if not active:
                edges.append((False, at if place else -1, None, None))  # the first is no return
                active = True
            gone_at = start_of_day(local_day(at, self.zone) + timedelta(days=self.lapse), self.zone)
            following = placed[place + 1] if place + 1 < len(placed) else None
            if gone_at <= as_of and (following is None or following > gone_at):
                edges.append((True, gone_at, None, None))
                active = False
        return edges

    def _silent(self, person: Person, today: date, as_of: int) -> Risk | None:
        first = local_day(as_of - self.horizon, self.zone)
        days = sorted({local_day(order.at, self.zone) for order in person.orders} - {today})
        days = [day for day in days if day >= first]
        if len(days) < 3 or any(local_day(order.at, self.zone) == today for order in person.orders):
            return None
        usual = Fraction((days[-1] - days[0]).days, len(days) - 1)
        day = days[-1]
        while (day - days[-1]).days <= self.overdue * usual:
            day += timedelta(days=1)
        return self._from(day, today, person, usual_days=float(usual))

    def _leaving(self, person: Person, today: date, as_of: int) -> Risk | None:
        """From the day on from which no currency has anybody alive any more."""
        firsts = [order.at for order in person.orders]
        if not firsts or min(firsts) < as_of - self.horizon:
            return None
        begins, alive = [], []
        for currency in {order.currency for order in person.orders}:
            days = sorted({local_day(o.at, self.zone) for o in person.orders if o.currency == currency})
            days = [day for day in days if day < today]
            if not days:
                continue
            if currency not in self.models:
                return None
            day = days[-1]
            while self._alive(self.models[currency], days, day) >= self.alive_below:
                day += timedelta(days=1)
                if day > today:
                    return None
            begins.append(day)
            alive.append(self._alive(self.models[currency], days, today))
        if not begins or any(local_day(at, self.zone) == today for at in firsts):
            return None
        return self._from(max(begins), today, person, probability_alive=max(alive))

    def _alive(self, model: Model, days: list[date], day: date) -> float:
        """P(alive) as a day begins, time counted to the day before."""
        frequency = len(days) - 1
        if frequency == 0:
            return 1.0
        recency, age = (days[-1] - days[0]).days / 7, ((day - days[0]).days - 1) / 7
        if age < recency:
            return 1.0
        odds = model.a / (model.b + frequency - 1)
        odds *= ((model.alpha + age) / (model.alpha + recency)) ** (model.r + frequency)
        return 1 / (1 + odds)

    def _from(self, day: date, today: date, person: Person, **told: float) -> Risk | None:
        if day > today:
            return None
        last = max(order.at for order in person.orders)
        return Risk(start_of_day(day, self.zone), last, {"last_order_at": last, **told})


def paid(person: Person, as_of: int) -> list[tuple[bool, int, str | None, str | None]]:
    """Gone and back by contracts, looking at every instant at which anything changed."""
    edges, active = [], False
    for at in sorted({state.since for life in person.lives.values() for state in life.states}):
        pays = bool(person.paying_at(at))
        if pays and not active:
            edges.append((False, at, person.plan_at(at), None) if edges else (False, -1, None, None))
        elif active and not pays:
            edges.append((True, at, person.plan_at(at - 1), why(person, at)))
        active = pays
    return edges


def begun(person: Person, what: str, as_of: int) -> Risk | None:
    """A risk of contracts that lasts; with when a cancellation ends the last subscription that it is for."""
    since, ends_at = None, None
    for at in sorted({state.since for life in person.lives.values() for state in life.states}):
        paying = [state for _, state in person.paying_at(at)]
        if what == "past_due":
            risky = any(state.status == "past_due" for state in paying)
        else:
            ends = [state.ends_at for state in paying if state.ends_at is not None]
            risky, ends_at = bool(ends), max(ends, default=None)
        since = (since if since is not None else at) if risky else None
    return None if since is None else Risk(since, since, {"plan": person.plan_at(since), "ends_at": ends_at})


def why(person: Person, at: int) -> str:
    """Why nothing pays any more from an instant on."""
    ends = [
        (name, place, end.reason)
        for name, life in person.lives.items()
        for place, end in enumerate(life.ends_after_paying())
        if end.at == at
    ]
    if ends:
        return min(ends)[2]
    stops = [
        (name, stretch.stopped_by)
        for name, life in person.lives.items()
        for stretch in life.stretches()
        if stretch.end == at
    ]
    state = min(stops)[1]
    if state.status == "paused":
        return "paused"
    return "free_plan" if state.status in ("active", "past_due") else "unknown"
