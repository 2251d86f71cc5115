"""A customer's subscriptions: what each is now, and how it came to that (definitions, section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from service.domain.metrics.ratio import major
from service.domain.records.customer import NEVER, Customer
from service.domain.records.fold import fold
from service.domain.records.life import STATUSES, Life, Stretch
from service.domain.records.transitions import Transition, unpacked


@dataclass(frozen=True)
class State:
    """What held from one instant to another; `mrr` in major units. `until` None: it still holds."""

    since: int
    until: int | None
    status: str
    plan: str
    currency: str
    mrr: float
    scheduled_to_cancel: bool


@dataclass(frozen=True)
class Contract:
    """One subscription. `status` and `due_at` None: it has ended, or never was live; `due_at`: when a trial
    runs out, or a cancellation that is scheduled takes effect, if nothing else happens before. `reason`: why
    it ended, if it had been paid for."""

    subscription_id: str
    status: str | None
    due_at: int | None
    ended_at: int | None
    reason: str | None
    history: tuple[State, ...]


def contracts(customer: Customer, as_of: int, listed: int) -> Iterator[Contract]:
    """The subscriptions, by id, each with the last so many of its states, the newest last."""
    own: dict[str, list[Transition]] = {}
    for transition in unpacked(customer.transitions, customer.transition_count):
        if transition.at <= as_of:  # so that what the fold says of later is what is due by itself
            own.setdefault(transition.subscription, []).append(transition)
    erased_at = None if customer.erased_at is None or customer.erased_at > as_of else customer.erased_at
    for subscription in sorted(own):
        yield _contract(subscription, fold(own[subscription], erased_at), as_of, listed)


def _contract(subscription: str, life: Life, as_of: int, listed: int) -> Contract:
    begun = sorted(life.stretches, key=lambda stretch: stretch.start)  # nothing begins by itself
    last = begun[-1] if begun else None
    live = last is not None and last.end > as_of
    ended_at = None if last is None or live else last.end
    return Contract(
        subscription,
        STATUSES[last.status] if last and live else None,
        last.end if last and live and last.end != NEVER else None,
        ended_at,
        next((p.reason for p in life.partings if p.ended and p.at == ended_at), None),
        tuple(_state(stretch, as_of) for stretch in begun[-listed:]),
    )


def _state(stretch: Stretch, as_of: int) -> State:
    monthly = Fraction(stretch.annual, 12 * stretch.interval_count) if stretch.paying else Fraction(0)
    return State(
        stretch.start,
        stretch.end if stretch.end <= as_of else None,
        STATUSES[stretch.status],
        stretch.plan,
        stretch.currency,
        major(monthly, stretch.currency),
        stretch.scheduled,
    )
