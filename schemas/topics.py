"""Which event belongs to which topic: the one list that decoding, documents and tests share."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from schemas import customers, marketing, orders, subscriptions
from schemas.common import Event

Kind = Literal["orders", "subscriptions", "customers", "marketing"]
"""The four topics by what they carry; what each is called in Kafka is a setting."""

MODELS: Final[Mapping[Kind, tuple[type[Event], ...]]] = {
    "orders": (orders.OrderPlaced, orders.OrderRefunded, orders.OrderCancelled),
    "subscriptions": (
        subscriptions.SubscriptionStarted,
        subscriptions.SubscriptionActivated,
        subscriptions.SubscriptionRenewed,
        subscriptions.SubscriptionChanged,
        subscriptions.SubscriptionCancelScheduled,
        subscriptions.SubscriptionCancelUnscheduled,
        subscriptions.SubscriptionPaused,
        subscriptions.SubscriptionResumed,
        subscriptions.SubscriptionPaymentFailed,
        subscriptions.SubscriptionPaymentRecovered,
        subscriptions.SubscriptionEnded,
    ),
    "customers": (customers.CustomerSignedUp, customers.CustomerInvited, customers.CustomerErased),
    "marketing": (marketing.SpendRecorded,),
}

KEY_FIELD: Final[Mapping[Kind, str]] = {
    "orders": "customer_id",
    "subscriptions": "customer_id",
    "customers": "customer_id",
    "marketing": "channel",
}
"""The field of an event that is, in UTF-8, the key of its record."""


def type_of(model: type[Event]) -> str:
    """The name of an event on the wire: `order.placed` of OrderPlaced."""
    name: str = get_args(model.model_fields["type"].annotation)[0]
    return name


KIND_OF: Final[Mapping[str, Kind]] = {
    type_of(model): kind for kind, models in MODELS.items() for model in models
}
"""The topic of each type of event."""
