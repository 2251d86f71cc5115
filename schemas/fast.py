"""The events as msgspec structs, under the names of their models: what the service handles inside.

`OrderPlaced(event_id="e", occurred_at=0, customer_id="c", order_id="o", amount=Money(minor=1, currency="EUR"))`.
They are generated (`schemas/compiled.py`); to a type checker they are the models themselves. A struct trusts who
calls it by keyword: only decoding checks limits.
"""

from typing import TYPE_CHECKING

from schemas import topics

if TYPE_CHECKING:
    from schemas.common import Event, Money
    from schemas.customers import CustomerErased, CustomerInvited, CustomerSignedUp
    from schemas.marketing import SpendRecorded
    from schemas.orders import Item, OrderCancelled, OrderPlaced, OrderRefunded
    from schemas.subscriptions import (
        SubscriptionActivated,
        SubscriptionCancelScheduled,
        SubscriptionCancelUnscheduled,
        SubscriptionChanged,
        SubscriptionEnded,
        SubscriptionPaused,
        SubscriptionPaymentFailed,
        SubscriptionPaymentRecovered,
        SubscriptionRenewed,
        SubscriptionResumed,
        SubscriptionStarted,
    )
else:
    from msgspec import Struct as Event

    from schemas.compiled import struct_for

STRUCTS: dict[type, type] = {}
"""The struct of each model."""

if not TYPE_CHECKING:
    for _models in topics.MODELS.values():
        for _model in _models:
            struct_for(_model, STRUCTS)
    globals().update({model.__name__: struct for model, struct in STRUCTS.items()})

__all__ = [
    "STRUCTS",
    "CustomerErased",
    "CustomerInvited",
    "CustomerSignedUp",
    "Event",
    "Item",
    "Money",
    "OrderCancelled",
    "OrderPlaced",
    "OrderRefunded",
    "SpendRecorded",
    "SubscriptionActivated",
    "SubscriptionCancelScheduled",
    "SubscriptionCancelUnscheduled",
    "SubscriptionChanged",
    "SubscriptionEnded",
    "SubscriptionPaused",
    "SubscriptionPaymentFailed",
    "SubscriptionPaymentRecovered",
    "SubscriptionRenewed",
    "SubscriptionResumed",
    "SubscriptionStarted",
]
