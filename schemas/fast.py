"""The events as msgspec structs, under the names of their models: what the service handles inside.

They are generated (`schemas/compiled.py`); to a type checker they are the models themselves. Constructed by
keyword they trust the caller: only decoding checks limits.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING

from schemas.compiled import Structs, struct_for
from schemas.topics import MODELS

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

STRUCTS: Structs = {}
"""Model -> its struct."""

for _models in MODELS.values():
    for _model in _models:
        struct_for(_model, STRUCTS)

globals().update({struct.__name__: struct for struct in STRUCTS.values()})

OCCURRED_AT: Callable[[Event], int] = attrgetter("occurred_at")
"""When an event happened; to be mapped over many."""

__all__ = [
    "OCCURRED_AT",
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
