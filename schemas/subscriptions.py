"""Topic `subscriptions`: the life of a contract, one transition an event. Keyed by `customer_id`.

Events need not arrive in the order in which they happened: `occurred_at` decides.
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from schemas.common import (
    LARGEST_MINOR,
    CustomerEvent,
    Identifier,
    Instant,
    Label,
    Money,
    Quantity,
    Reason,
    absent_as,
)

Interval = Literal["day", "week", "month", "quarter", "year"]
IntervalCount = Annotated[int, Field(ge=1, le=1_200)]
_TERMS = ("plan", "price", "interval", "interval_count", "quantity")
PeriodEnd = Annotated[Instant | None, Field(description="Information only; no figure depends on it.")]


def _check_value(price: Money, quantity: int) -> None:
    if price.minor * quantity > LARGEST_MINOR:
        raise ValueError(f"quantity: expected price x quantity of at most {LARGEST_MINOR} minor units")


def _at_least_one_term(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [
        {"required": [term], "properties": {term: {"not": {"type": "null"}}}} for term in _TERMS
    ]


class SubscriptionEvent(CustomerEvent):
    """Base of every event about one subscription."""

    subscription_id: Annotated[Identifier, Field(description="Unique within the customer.")]


class SubscriptionStarted(SubscriptionEvent):
    """A subscription begins, in trial if `trial_ends_at` is later than `occurred_at`, else active.

    It costs `price` x `quantity` every `interval_count` intervals; a price of 0 is a free plan. On a
    subscription that is live it replaces all terms.
    """

    type: Literal["subscription.started"] = Field(init=False)
    plan: Label
    price: Annotated[Money, Field(description="Of one unit (seat) for one billing period.")]
    interval: Interval
    interval_count: Annotated[IntervalCount, absent_as(1, IntervalCount)] = 1
    quantity: Annotated[Quantity, absent_as(1, Quantity)] = 1
    trial_ends_at: Instant | None = None
    period_ends_at: PeriodEnd = None
    channel: Annotated[Label | None, Field(description="Where the customer came from.")] = None

    def check(self) -> None:
        """Price x quantity stays exact in every JSON library."""
        _check_value(self.price, self.quantity)


class SubscriptionActivated(SubscriptionEvent):
    """A trial became a paid subscription."""

    type: Literal["subscription.activated"] = Field(init=False)
    period_ends_at: PeriodEnd = None


class SubscriptionRenewed(SubscriptionEvent):
    """A billing period was paid. It ends a trial, and heals a subscription that was past due."""

    type: Literal["subscription.renewed"] = Field(init=False)
    period_ends_at: PeriodEnd = None


class SubscriptionChanged(SubscriptionEvent):
    """New terms from now on. What is absent stays as it was; at least one of the terms is present."""

    model_config = ConfigDict(json_schema_extra=_at_least_one_term)

    type: Literal["subscription.changed"] = Field(init=False)
    plan: Label | None = None
    price: Money | None = None
    interval: Interval | None = None
    interval_count: IntervalCount | None = None
    quantity: Quantity | None = None

    def check(self) -> None:
        """Something changes, and price x quantity, when both are given, stays exact."""
        if self.price is not None:
            if self.quantity is not None:
                _check_value(self.price, self.quantity)
        elif all(getattr(self, term) is None for term in _TERMS):
            raise ValueError(f"expected at least one of {', '.join(_TERMS)}")


class SubscriptionCancelScheduled(SubscriptionEvent):
    """The customer asked to leave at `ends_at`. Service, and revenue, go on until then."""

    type: Literal["subscription.cancel_scheduled"] = Field(init=False)
    ends_at: Instant
    reason: Reason | None = None


class SubscriptionCancelUnscheduled(SubscriptionEvent):
    """The customer changed their mind and stays."""

    type: Literal["subscription.cancel_unscheduled"] = Field(init=False)


class SubscriptionPaused(SubscriptionEvent):
    """Service and payment rest. A paused subscription is not paying."""

    type: Literal["subscription.paused"] = Field(init=False)


class SubscriptionResumed(SubscriptionEvent):
    """A paused subscription goes on."""

    type: Literal["subscription.resumed"] = Field(init=False)


class SubscriptionPaymentFailed(SubscriptionEvent):
    """A payment was refused. The subscription is past due, which still counts as paying."""

    type: Literal["subscription.payment_failed"] = Field(init=False)


class SubscriptionPaymentRecovered(SubscriptionEvent):
    """A payment that had failed came through."""

    type: Literal["subscription.payment_recovered"] = Field(init=False)


class SubscriptionEnded(SubscriptionEvent):
    """Service ended. This is when churn is booked, not when a cancellation was scheduled."""

    type: Literal["subscription.ended"] = Field(init=False)
    reason: Reason | None = None
