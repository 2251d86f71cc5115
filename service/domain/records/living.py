"""Events of subscriptions and of people: transitions, sign-ups, invitations, erasures."""

from typing import Any

from schemas import fast
from service.domain.records import transitions
from service.domain.records.customer import NEVER, Customer, earliest
from service.domain.records.identity import identity
from service.domain.records.ledger import Ledger
from service.domain.records.outcome import Limits, Outcome
from service.domain.records.rows import CONTACT, INVITATION, SIGN_UP, contact_row


class Living:
    """Applies events of the topics subscriptions and customers to the records of a ledger."""

    def __init__(self, ledger: Ledger, limits: Limits) -> None:
        self._ledger, self._limits = ledger, limits

    def transition(self, event: Any, horizon: int) -> Outcome:
        """Keep a subscription's transition; what it means is found out by the fold."""
        name, customer = event.customer_id, self._ledger.customer(event.customer_id)
        transition = transitions.of_event(event)
        outcome = Outcome.DUPLICATE
        if not self._ledger.rows.holds(name, customer, "transitions", transition.id):
            if customer.transition_count >= self._limits.transitions:
                return Outcome.LIMIT
            row = transitions.packed(transition)
            self._ledger.rows.append(name, customer, "transitions", transition.id, row)
            customer.transition_count += 1
            outcome = Outcome.APPLIED
        if isinstance(event, fast.SubscriptionStarted):
            self._ledger.seen_on(name, customer, event.occurred_at, event.channel)
        self._ledger.touched(name, customer, event.occurred_at, "subscriptions")
        return outcome

    def signed_up(self, event: fast.CustomerSignedUp, horizon: int) -> Outcome:
        """Note a sign-up: the earliest counts, and the earliest that names a channel or a referrer."""
        customer, at = self._ledger.customer(event.customer_id), event.occurred_at
        customer.signed_up_at = earliest(customer.signed_up_at, at)
        if event.referred_by is not None:
            name, before = event.customer_id, customer.referred_at
            self._ledger.referrals.named(name, event.referred_by, at, before)
            customer.referred_at = earliest(customer.referred_at, at)
        if event.channel is not None:
            customer.sign_up_channel = min(customer.sign_up_channel or (NEVER, ""), (at, event.channel))
        return self._contacted(event, customer, SIGN_UP)

    def invited(self, event: fast.CustomerInvited, horizon: int) -> Outcome:
        """Note that the customer invited somebody; whom is not kept."""
        return self._contacted(event, self._ledger.customer(event.customer_id), INVITATION)

    def erased(self, event: fast.CustomerErased, horizon: int) -> Outcome:
        """Let the customer's record be nobody's, and end all subscriptions in it."""
        self._ledger.erase(event.customer_id, event.occurred_at)
        return Outcome.APPLIED

    def _contacted(
        self,
        event: fast.CustomerSignedUp | fast.CustomerInvited,
        customer: Customer,
        kind: int,
    ) -> Outcome:
        """Keep a contact as far as there is room: without it only a repetition would go unnoticed."""
        name, key = event.customer_id, identity(event.event_id)
        outcome = Outcome.APPLIED
        if self._ledger.rows.holds(name, customer, "contacts", key):
            outcome = Outcome.DUPLICATE
        elif len(customer.contacts) < self._limits.contacts * CONTACT.itemsize:
            row = contact_row(key, event.occurred_at, kind)
            self._ledger.rows.append(name, customer, "contacts", key, row)
        self._ledger.touched(name, customer, event.occurred_at, "customers")
        return outcome
