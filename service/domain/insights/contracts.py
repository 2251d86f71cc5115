"""What contracts bring about: churn and return in basis subscription, past due, a cancellation ahead.

By the stretches of the fold, as every figure of basis subscription: a customer is active while at least one
subscription pays (definitions, section 3).
"""

from collections.abc import Mapping

import numpy as np

from service.domain.facts.names import NONE, Names
from service.domain.insights.findings import BACK, GONE, Contract, Finding, Findings, Left, Matter, State
from service.domain.insights.spans import Spans, joined, pairs
from service.domain.metrics.moment import Moment
from service.domain.metrics.reasons import CLASSES
from service.domain.metrics.tally import first_value, present
from service.domain.records.customer import NEVER
from service.domain.records.life import PAST_DUE

_COLUMNS = ("customer", "start", "end", "status", "plan", "scheduled")

Rows = Mapping[str, np.ndarray]


def find(moment: Moment, after: np.ndarray, spoken_of: np.ndarray, found: Findings) -> None:
    """Add what came about later than `after` (an instant by customer), and how those stand now who were
    `spoken_of` (a mask)."""
    rows = _concerned(moment, after, spoken_of)
    spans = joined(rows["customer"], rows["start"], rows["end"])
    _gone(moment, rows, spans, after, found)
    _back(moment, rows, spans, after, found)
    active = present(spans.customer[spans.end > moment.as_of], moment.facts.customers)
    for customer in np.flatnonzero(spoken_of).tolist():
        found[customer].append(State(Matter.CHURN_SUBSCRIPTION, BACK if active[customer] else GONE))
    _at_risk(moment, rows, rows["status"] == PAST_DUE, Matter.PAST_DUE, after, found)
    _at_risk(moment, rows, rows["scheduled"], Matter.CANCELLATION_SCHEDULED, after, found)


def _concerned(moment: Moment, after: np.ndarray, spoken_of: np.ndarray) -> Rows:
    """The stretches that pay, of customers of whom there may be something to say."""
    table, rows = moment.facts.lives.stretches, moment.paying.rows
    customer, start, end = (table[name][rows] for name in ("customer", "start", "end"))
    due = (start > after[customer]) | ((end > after[customer]) & (end <= moment.as_of))
    concerned = present(customer[due], moment.facts.customers) | spoken_of
    rows = rows[concerned[customer]]
    return {name: table[name][rows] for name in _COLUMNS}


def _gone(moment: Moment, rows: Rows, spans: Spans, after: np.ndarray, found: Findings) -> None:
    """Nothing pays any more; why, by what happened to subscriptions at that instant."""
    over = (spans.end <= moment.as_of) & (spans.end > after[spans.customer])
    customer, at = spans.customer[over], spans.end[over]
    plans, reasons = _plans(moment, rows, customer, at, until=True), _reasons(moment, customer, at)
    for who, when, plan, reason in zip(customer.tolist(), at.tolist(), plans, reasons, strict=True):
        left = Left(plan, reason, CLASSES[reason])
        found[who].append(Finding(Matter.CHURN_SUBSCRIPTION, GONE, when, when, left))


def _back(moment: Moment, rows: Rows, spans: Spans, after: np.ndarray, found: Findings) -> None:
    """Something pays again."""
    again = ~spans.first & (spans.start > after[spans.customer])
    customer, at = spans.customer[again], spans.start[again]
    for who, when, plan in zip(
        customer.tolist(), at.tolist(), _plans(moment, rows, customer, at), strict=True
    ):
        found[who].append(Finding(Matter.CHURN_SUBSCRIPTION, BACK, when, when, Contract(plan)))


def _at_risk(
    moment: Moment, rows: Rows, risky: np.ndarray, matter: Matter, after: np.ndarray, found: Findings
) -> None:
    """A risk has begun, and goes on."""
    spans = joined(rows["customer"][risky], rows["start"][risky], rows["end"][risky])
    open_now = (spans.start > after[spans.customer]) & (spans.end > moment.as_of)
    customer, at, end = spans.customer[open_now], spans.start[open_now], spans.end[open_now]
    plans = _plans(moment, rows, customer, at)
    for who, when, until, plan in zip(customer.tolist(), at.tolist(), end.tolist(), plans, strict=True):
        ends = matter is Matter.CANCELLATION_SCHEDULED and until != NEVER
        contract = Contract(plan, until if ends else None)
        found[who].append(Finding(matter, GONE, when, when, contract))


def _plans(
    moment: Moment, rows: Rows, customer: np.ndarray, at: np.ndarray, *, until: bool = False
) -> list[str | None]:
    """The plan of each of these customers from an instant on, or `until` it."""
    place, row = pairs(customer, rows["customer"])
    start, end, when = rows["start"][row], rows["end"][row], at[place]
    alive = (start < when) & (when <= end) if until else (start <= when) & (when < end)
    return _named(place[alive], rows["plan"][row[alive]], len(customer), moment.facts.plans)


def _reasons(moment: Moment, customer: np.ndarray, at: np.ndarray) -> list[str]:
    """Why each of these customers stopped paying: an end goes before a stop; else the first in fold order."""
    partings = moment.facts.lives.partings
    place, row = pairs(customer, partings["customer"])
    then = partings["at"][row] == at[place]
    place, row = place[then], row[then]
    order = np.argsort(~partings["ended"][row], kind="stable")
    named = _named(place[order], partings["reason"][row[order]], len(customer), moment.facts.reasons)
    return [name or "unknown" for name in named]


def _named(place: np.ndarray, number: np.ndarray, size: int, names: Names) -> list[str | None]:
    """The first name that each place is given."""
    return [None if n == NONE else names[n] for n in first_value(place, number, size, NONE).tolist()]
