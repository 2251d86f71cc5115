"""Churn and return in basis orders: an order more than so many days after the one before, or none at all.

As in every figure of a window of so many days: a customer has churned as the day begins on which the last
order leaves the current period (definitions, sections 2 and 3).
"""

import numpy as np

from schemas.instants import DAY
from service.domain.insights.findings import BACK, GONE, Finding, Findings, Matter, State
from service.domain.insights.rules import Rules
from service.domain.metrics.moment import Moment
from service.domain.records.customer import NEVER

_SPARE = 2 * DAY  # days of change of clocks are longer


def find(moment: Moment, rules: Rules, who: np.ndarray, floor: int, found: Findings) -> None:
    """Add what came about of customers `who` (a mask) later than `floor`, as far as the horizon reaches."""
    before = rules.lapse_days * DAY + _SPARE
    floor = max(floor, moment.days.starts_at + before)
    customer, at = _orders(moment, who, floor - before)
    if len(customer):
        _changes(moment, rules, customer, at, floor, found)


def stand(moment: Moment, rules: Rules, who: np.ndarray, found: Findings) -> None:
    """Add how it stands with customers `who` (a mask)."""
    if who.any():
        days = moment.days
        first = int(days.begins(np.array([days.today - rules.lapse_days + 1]))[0])
        active = moment.orders.active(first, moment.as_of + 1)
        for customer in np.flatnonzero(who).tolist():
            found[customer].append(State(Matter.CHURN_ORDERS, BACK if active[customer] else GONE))


def _orders(moment: Moment, who: np.ndarray, since: int) -> tuple[np.ndarray, np.ndarray]:
    """Customers and instants of the orders since an instant, by customer and time. Who ordered before that
    alone has churned before anything is said."""
    placed = moment.orders.all
    rows = placed.between(since, moment.as_of + 1)
    customer, at = placed.customer[rows], placed.at[rows]
    mine = who[customer]
    customer, at = customer[mine], at[mine]
    order = np.argsort(customer, kind="stable")
    return customer[order], at[order]


def _changes(
    moment: Moment, rules: Rules, customer: np.ndarray, at: np.ndarray, floor: int, found: Findings
) -> None:
    days, same = moment.days, customer[1:] == customer[:-1]
    following = np.append(np.where(same, at[1:], NEVER), NEVER)
    leaves = days.of(at) + rules.lapse_days
    gone_at = np.where(leaves <= days.today, days.begins(np.minimum(leaves, days.today)), NEVER)
    gone = (gone_at < following) & (gone_at > floor)
    for whose, when in zip(customer[gone].tolist(), gone_at[gone].tolist(), strict=True):
        found[whose].append(Finding(Matter.CHURN_ORDERS, GONE, when, when))
    before = moment.orders.first_at[customer] < at
    before[1:] &= ~same | (gone_at < following)[:-1]
    back = before & (at > floor)
    for whose, when in zip(customer[back].tolist(), at[back].tolist(), strict=True):
        found[whose].append(Finding(Matter.CHURN_ORDERS, BACK, when, when))
