"""Facts of subscriptions and of people: what each life's fold says, in columns."""

from collections.abc import Iterator

import numpy as np

from service.domain.facts.names import NONE, Names
from service.domain.facts.table import Table
from service.domain.records.customer import NEVER, Customer
from service.domain.records.fold import fold
from service.domain.records.rows import CONTACT, INVITATION, joined
from service.domain.records.transitions import unpacked


class LifeFacts:
    """One table for each kind of thing that a fold reports, and for what is known of people. In `sign_ups`,
    `first_plans` and `first_seen` a customer has one row at most: none where there is nothing to say."""

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
        self.sign_ups = Table(at="i8", referred_at="i8", channel_at="i8", channel="i2")
        self.first_plans = Table(at="i8", plan="i4")
        self.first_seen = Table(channel_at="i8", channel="i2")

    def update(self, touched: np.ndarray, drafts: dict[int, Customer]) -> None:
        """Replace the facts of the `touched` customers (a mask by customer) by those of `drafts`."""
        stretches, partings, trials, failures, mentions, first_plans = [], [], [], [], [], []
        plan, currency, reason = self._plans.number, self._currencies.number, self._reasons.number
        for index, customer in drafts.items():
            if not customer.transition_count:
                continue
            told = fold(unpacked(customer.transitions, customer.transition_count), customer.erased_at)
            if told.first_plan is not None:
                at, name = told.first_plan
                first_plans.append((index, at, plan(name)))
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
            (self.stretches, stretches),
            (self.partings, partings),
            (self.trials, trials),
            (self.failures, failures),
            (self.mentions, mentions),
            (self.first_plans, first_plans),
            (self.sign_ups, list(self._sign_ups(drafts))),
            (self.first_seen, list(self._first_seen(drafts))),
        ):
            table.replace(touched, table.columns(rows))
        self.invitations.replace(touched, _invitations(drafts))

    def _sign_ups(self, drafts: dict[int, Customer]) -> Iterator[tuple[int, ...]]:
        for index, customer in drafts.items():
            if customer.signed_up_at is not None:
                referred_at = NEVER if customer.referred_at is None else customer.referred_at
                channel_at, channel = customer.sign_up_channel or (NEVER, "")
                yield index, customer.signed_up_at, referred_at, channel_at, self._channels.number(channel)

    def _first_seen(self, drafts: dict[int, Customer]) -> Iterator[tuple[int, ...]]:
        for index, customer in drafts.items():
            if customer.any_channel is not None:
                yield index, customer.any_channel_at, self._channels.number(customer.any_channel)

    def channel_at(self, as_of: int, customers: int) -> np.ndarray:
        """Each customer's channel as known at `as_of`; NONE without one."""
        channel = np.full(customers, NONE, "i4")
        for table in (self.first_seen, self.sign_ups):  # a sign-up tells better
            _put(channel, table, "channel", table["channel_at"] <= as_of)
        return channel

    def referred(self, as_of: int, customers: int) -> np.ndarray:
        """A mask by customer: of whom it was known at `as_of` that somebody referred them."""
        mask = np.zeros(customers, bool)
        mask[self.sign_ups["customer"]] = self.sign_ups["referred_at"] <= as_of
        return mask

    def first_plan_at(self, as_of: int, customers: int) -> np.ndarray:
        """Each customer's first plan as known at `as_of`; NONE without one."""
        plan = np.full(customers, NONE, "i4")
        _put(plan, self.first_plans, "plan", self.first_plans["at"] <= as_of)
        return plan


def _put(by_customer: np.ndarray, table: Table, name: str, rows: np.ndarray) -> None:
    """Put what some rows (a mask) say in a column in the place of their customers."""
    by_customer[table["customer"][rows]] = table[name][rows]


def _invitations(drafts: dict[int, Customer]) -> dict[str, np.ndarray]:
    contacts, counts = joined([customer.contacts for customer in drafts.values()], CONTACT)
    sent = contacts["kind"] == INVITATION
    customers = np.repeat(np.fromiter(drafts, "i4", len(drafts)), counts)
    return {"customer": customers[sent], "at": contacts["at"][sent]}
