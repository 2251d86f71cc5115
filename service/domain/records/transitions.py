"""A subscription's transitions as kept in a record: one short array each, one after the other."""

from collections.abc import Callable
from typing import Any

import msgspec

from schemas import fast
from service.domain.records.customer import Log
from service.domain.records.identity import identity

STARTED, ACTIVATED, RENEWED, CHANGED, PAUSED, RESUMED = 1, 2, 3, 4, 5, 6
PAYMENT_FAILED, PAYMENT_RECOVERED, CANCEL_SCHEDULED, CANCEL_UNSCHEDULED, ENDED = 7, 8, 9, 10, 11


class Transition(msgspec.Struct, array_like=True, gc=False):
    """One transition; `kind` is its rank among transitions of the same instant (definitions, section 4)."""

    id: bytes
    at: int
    kind: int
    subscription: str
    event: str
    plan: str | None = None
    minor: int | None = None
    currency: str | None = None
    interval: str | None = None
    interval_count: int | None = None
    quantity: int | None = None
    until: int | None = None
    reason: str | None = None


def _plain(kind: int) -> Callable[[Any], dict[str, Any]]:
    return lambda event: {"kind": kind}


def _started(event: fast.SubscriptionStarted) -> dict[str, Any]:
    return {**_terms(event), "kind": STARTED, "until": event.trial_ends_at}


def _changed(event: fast.SubscriptionChanged) -> dict[str, Any]:
    return {**_terms(event), "kind": CHANGED}


def _terms(event: fast.SubscriptionStarted | fast.SubscriptionChanged) -> dict[str, Any]:
    price = event.price
    return {
        "plan": event.plan,
        "minor": None if price is None else price.minor,
        "currency": None if price is None else price.currency,
        "interval": event.interval,
        "interval_count": event.interval_count,
        "quantity": event.quantity,
    }


def _cancel_scheduled(event: fast.SubscriptionCancelScheduled) -> dict[str, Any]:
    return {"kind": CANCEL_SCHEDULED, "until": event.ends_at, "reason": event.reason}


def _ended(event: fast.SubscriptionEnded) -> dict[str, Any]:
    return {"kind": ENDED, "reason": event.reason}


_DETAILS: dict[type, Callable[[Any], dict[str, Any]]] = {
    fast.SubscriptionStarted: _started,
    fast.SubscriptionActivated: _plain(ACTIVATED),
    fast.SubscriptionRenewed: _plain(RENEWED),
    fast.SubscriptionChanged: _changed,
    fast.SubscriptionPaused: _plain(PAUSED),
    fast.SubscriptionResumed: _plain(RESUMED),
    fast.SubscriptionPaymentFailed: _plain(PAYMENT_FAILED),
    fast.SubscriptionPaymentRecovered: _plain(PAYMENT_RECOVERED),
    fast.SubscriptionCancelScheduled: _cancel_scheduled,
    fast.SubscriptionCancelUnscheduled: _plain(CANCEL_UNSCHEDULED),
    fast.SubscriptionEnded: _ended,
}

EVENTS = tuple(_DETAILS)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Transition]).decode
_ARRAY_OF = b"\xdd"  # msgpack: an array follows whose length has four bytes


def of_event(event: Any) -> Transition:
    """The transition that a subscription event (one of `EVENTS`) stands for."""
    subscription, name = event.subscription_id, event.event_id
    details = _DETAILS[type(event)](event)
    key = identity(f"{len(subscription)}:{subscription}{name}")
    return Transition(key, event.occurred_at, subscription=subscription, event=name, **details)


def packed(transition: Transition) -> bytes:
    """The bytes to append to a record's log."""
    return _encode(transition)


def unpacked(log: Log, count: int) -> list[Transition]:
    """All `count` transitions of a log, in the order of their arrival."""
    return _decode(_ARRAY_OF + count.to_bytes(4, "big") + log)
