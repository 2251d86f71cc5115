"""Facts of subscriptions and of people: what each life's fold says, in columns."""

import numpy as np

from service.domain.facts.names import NONE, Names
from service.domain.facts.table import Table
from service.domain.records.customer import NEVER, Customer
from service.domain.records.fold import fold
from service.domain.records.life import NOTHING, Life
from service.domain.records.rows import CONTACT, INVITATION, joined
from service.domain.records.transitions import unpacked


class LifeFacts:
    """One table for each kind of thing that a fold reports; `people` has exactly one row per customer."""

    def __init__(self, plans: Names, currencies: Names, channels: Names, reasons: Names) -> None:
        self._plans, self._currencies, self._channels, self._reasons = plans, currencies, channels, reasons
        self.stretches = Table(
            start="i8",
            end="i8",
            status="i1",
            plan="i4",
            currency="i2",
            annual="i8",
            interval_count="i4",
            scheduled="?",
        )
        self.partings = Table(at="i8", reason="i2", ended="?")
        self.trials = Table(ended_at="i8", converted_at="i8")
        self.failures = Table(at="i8", plan="i4")
        self.mentions = Table(plan="i4", currency="i2", at="i8")
        self.invitations = Table(at="i8")
        self.people = Table(
            signed_up_at="i8",
            referred_at="i8",
            first_plan_at="i8",
            first_plan="i4",
            sign_up_channel_at="i8",
            sign_up_channel="i4",
            any_channel_at="i8",
            any_channel="i4",
        )

    def update(self, touched: np.ndarray, drafts: dict[int, Customer]) -> None:
        """Replace the facts of the `touched` customers (a mask by customer) by those of `drafts`."""
        people, stretches, partings, trials, failures, mentions = [], [], [], [], [], []
        plan, currency, reason = self._plans.number, self._currencies.number, self._reasons.number
        for index, customer in drafts.items():
            transitions = unpacked(customer.transitions, customer.transition_count)
            told = fold(transitions, customer.erased_at) if transitions else NOTHING
            people.append((index, *self._person(customer, told)))
            stretches += [
                (
                    index,
                    s.start,
                    s.end,
                    s.status,
                    plan(s.plan),
                    currency(s.currency),
                    s.annual,
                    s.interval_count,
                    s.scheduled,
                )
                for s in told.stretches
            ]
            partings += [(index, p.at, reason(p.reason), p.ended) for p in told.partings]
            trials += [(index, *trial) for trial in told.trials]
            failures += [(index, at, plan(name)) for at, name in told.failures]
            mentions += [(index, plan(m.plan), currency(m.currency), m.at) for m in told.mentions]
        for table, rows in (
            (self.people, people),
            (self.stretches, stretches),
            (self.partings, partings),
            (self.trials, trials),
            (self.failures, failures),
            (self.mentions, mentions),
        ):
            table.replace(touched, table.columns(rows))
        self.invitations.replace(touched, _invitations(drafts))

    def _person(self, customer: Customer, told: Life) -> tuple[int, ...]:
        first_plan_at, first_plan = told.first_plan or (NEVER, "")
        sign_up_channel_at, sign_up_channel = customer.sign_up_channel or (NEVER, "")
        return (
            NEVER if customer.signed_up_at is None else customer.signed_up_at,
            NEVER if customer.referred_at is None else customer.referred_at,
            first_plan_at,
            self._plans.number(first_plan),
            sign_up_channel_at,
            self._channels.number(sign_up_channel),
            customer.any_channel_at,
            self._channels.number(customer.any_channel or ""),
        )

    def channel_at(self, as_of: int, customers: int) -> np.ndarray:
        """Each customer's channel as known at `as_of`; NONE without one."""
        by_sign_up = self.people["sign_up_channel_at"] <= as_of
        by_any = self.people["any_channel_at"] <= as_of
        channel = np.where(by_any, self.people["any_channel"], NONE)
        return self._dense(np.where(by_sign_up, self.people["sign_up_channel"], channel), customers)

    def referred(self, as_of: int, customers: int) -> np.ndarray:
        """A mask by customer: of whom it was known at `as_of` that somebody referred them."""
        mask = np.zeros(customers, bool)
        mask[self.people["customer"]] = self.people["referred_at"] <= as_of
        return mask

    def first_plan_at(self, as_of: int, customers: int) -> np.ndarray:
        """Each customer's first plan as known at `as_of`; NONE without one."""
        known = self.people["first_plan_at"] <= as_of
        return self._dense(np.where(known, self.people["first_plan"], NONE), customers)

    def _dense(self, values: np.ndarray, customers: int) -> np.ndarray:
        dense = np.full(customers, NONE, "i4")
        dense[self.people["customer"]] = values
        return dense


def _invitations(drafts: dict[int, Customer]) -> dict[str, np.ndarray]:
    contacts, counts = joined([customer.contacts for customer in drafts.values()], CONTACT)
    sent = contacts["kind"] == INVITATION
    customers = np.repeat(np.fromiter(drafts, "i4", len(drafts)), counts)
    return {"customer": customers[sent], "at": contacts["at"][sent]}
