"""One customer as known at an instant, by the same facts and definitions as the figures of all."""

from dataclasses import dataclass

from service.domain.facts import Facts
from service.domain.metrics import Definitions
from service.domain.metrics.fits import Fits
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally
from service.domain.portrait.contracts import Contract, contracts
from service.domain.portrait.expectations import Expectation, expectations
from service.domain.portrait.places import Place, places, segment
from service.domain.portrait.purchases import Order, Refund, Worth, orders, strays, worth
from service.domain.records import Draft
from service.domain.records.credit_key import HASH_BYTES
from service.domain.records.customer import NEVER, Credits, Customer
from service.domain.records.draft import Referrers
from service.domain.records.ledger import FreshOrders

LISTED = 1_000
"""Orders shown, the newest; the same number of refunds without an order, and of states of a contract."""

_HASH = bytes(HASH_BYTES)  # of the one who is there


@dataclass(frozen=True)
class Portrait:
    """A customer at an instant. Instants are microseconds, money is in major units; None: never, or not
    known. `customers_referred`: how many customers named this one as referrer."""

    signed_up_at: int | None
    first_order_at: int | None
    first_paid_at: int | None
    channel: str | None
    first_plan: str | None
    referred: bool
    customers_referred: int | None
    value: tuple[Worth, ...]
    segment: str | None
    places: tuple[Place, ...]
    outlook: tuple[Expectation, ...]
    subscriptions: tuple[Contract, ...]
    orders: tuple[Order, ...]
    orders_not_listed: int
    refunds_of_unknown_orders: tuple[Refund, ...]


def portrait(
    customer: Customer,
    as_of: int,
    definitions: Definitions,
    fits: Fits,
    business: Tally,
    credits: Credits | None = None,
) -> Portrait:
    """The customer as known at `as_of` (microseconds). `business`: the sums of all, to compare with;
    `credits`: who named the customer as referrer."""
    moment = _moment(customer, credits or Credits(), as_of, definitions)
    facts, placed = moment.facts, orders(customer, as_of)
    return Portrait(
        signed_up_at=_by(as_of, customer.signed_up_at),
        first_order_at=_by(as_of, int(moment.orders.first_at[0])),
        first_paid_at=_by(as_of, int(moment.paying.first_at[0])),
        channel=_named(facts.channels[int(facts.lives.channel_at(as_of, 1)[0])]),
        first_plan=_named(facts.plans[int(facts.lives.first_plan_at(as_of, 1)[0])]),
        referred=_by(as_of, customer.referred_at) is not None,
        customers_referred=int(moment.brought[0]) if definitions.referral_ranks else None,
        value=tuple(worth(customer, moment)),
        segment=segment(moment, business),
        places=tuple(places(moment, business)),
        outlook=tuple(expectations(moment, fits)),
        subscriptions=tuple(contracts(customer, as_of, LISTED)),
        orders=tuple(placed[:LISTED]),
        orders_not_listed=max(len(placed) - LISTED, 0),
        refunds_of_unknown_orders=tuple(strays(customer, as_of)[:LISTED]),
    )


def _moment(customer: Customer, credits: Credits, as_of: int, definitions: Definitions) -> Moment:
    """The facts of this customer alone, who is number 0 in them."""
    facts, referrers = Facts(), Referrers({_HASH.hex(): credits}, lambda name: _HASH)
    facts.update(Draft(FreshOrders(), {"": customer}, {"": customer}, {}, referrers=referrers))
    return Moment(facts, as_of, definitions)


def _by(as_of: int, at: int | None) -> int | None:
    """An instant, unless it was still to come."""
    return None if at is None or at == NEVER or at > as_of else at


def _named(label: str) -> str | None:
    return None if label == "-" else label
