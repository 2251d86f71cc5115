"""The record of each customer and channel, recomputed from the events by plain loops."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tests.endurance.changelog import Kept, Spent, short
from tests.oracle.instants import instant

RANKS = (
    *("started", "activated", "renewed", "changed", "paused", "resumed", "payment_failed"),
    *("payment_recovered", "cancel_scheduled", "cancel_unscheduled", "ended"),
)
SIGN_UP, INVITATION = 1, 2
CONTACTS_KEPT = 1_000


class Recomputed(NamedTuple):
    """What must be kept: customers and channels by name, surrogates, and when whom an erasure removed."""

    customers: dict[str, Kept]
    channels: dict[str, Spent]
    surrogates: list[Kept]
    erased: dict[str, int]


def recomputed(events: Iterable[dict]) -> Recomputed:
    """From events that can be used, in any order and with any repeats.

    Of a customer who is erased, all that happened before must have arrived before, or not at all.
    """
    own: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for event in events:
        spend = event["type"] == "spend.recorded"
        own["channel" if spend else "customer_id", event["channel" if spend else "customer_id"]].append(event)
    channels = {name: _channel(found) for (kind, name), found in own.items() if kind == "channel"}
    told = Recomputed({}, channels, [], {})
    for name, found in ((name, found) for (kind, name), found in own.items() if kind == "customer_id"):
        at = max((_at(e) for e in found if e["type"] == "customer.erased"), default=None)
        if at is not None:
            told.erased[name] = at
            before = [e for e in found if _at(e) <= at and e["type"] != "customer.erased"]
            if before:
                told.surrogates.append(_customer(before)._replace(newest=at, erased_at=at))
            found = [e for e in found if _at(e) > at]
        if found:
            told.customers[name] = _customer(found)._replace(back_since=at)
    return told


def _customer(events: list[dict]) -> Kept:
    by_type: dict[str, list[dict]] = defaultdict(list)
    for event in events:
        by_type[event["type"]].append(event)
    sign_ups, started = by_type["customer.signed_up"], by_type["subscription.started"]
    contacts = [(e, SIGN_UP) for e in sign_ups] + [(e, INVITATION) for e in by_type["customer.invited"]]
    transitions = {
        (e["subscription_id"], e["event_id"]): e for e in events if e["type"].startswith("subscription.")
    }
    kept = Kept(
        newest=max(_at(e) for e in events),
        orders=sorted(_orders(by_type["order.placed"])),
        refunds=sorted({(*_about(e), _at(e), *_money(e)) for e in by_type["order.refunded"]}),
        cancellations=sorted({(*_about(e), _at(e)) for e in by_type["order.cancelled"]}),
        contacts=sorted({(short(e["event_id"]), _at(e), kind) for e, kind in contacts}),
        transitions=sorted(_transition(e) for e in transitions.values()),
        folded=None,
        signed_up_at=min((_at(e) for e in sign_ups), default=None),
        referred_at=min((_at(e) for e in sign_ups if e.get("referred_by") is not None), default=None),
        sign_up_channel=_channel_of(sign_ups),
        any_channel=_channel_of(by_type["order.placed"] + started),
        erased_at=None,
        back_since=None,
        skus=b"",  # kept only where a setting asks for it
    )
    assert len(kept.contacts) <= CONTACTS_KEPT, "beyond that, which contacts are kept is a matter of arrival"
    return kept


def _channel(events: list[dict]) -> Spent:
    spent = {e["event_id"]: (short(e["event_id"]), _at(e), *_money(e)) for e in events}
    return Spent(max(_at(e) for e in events), sorted(spent.values()))


def _orders(placed: list[dict]) -> list[tuple]:
    """Each order once: the earliest, then the largest, then the one of the last currency."""
    kept: dict[str, dict] = {}
    for event in sorted(placed, key=lambda e: (_at(e), -e["amount"]["minor"])):
        first = kept.setdefault(event["order_id"], event)
        tie = (_at(first), first["amount"]["minor"]) == (_at(event), event["amount"]["minor"])
        if tie and event["amount"]["currency"] > first["amount"]["currency"]:
            kept[event["order_id"]] = event
    return [(short(name), _at(e), *_money(e)) for name, e in kept.items()]


def _transition(event: dict) -> tuple:
    kind, own, name = event["type"].split(".")[1], event["subscription_id"], event["event_id"]
    until = event.get("trial_ends_at") if kind == "started" else event.get("ends_at")
    minor, currency, counts = None, None, (None, None)
    if kind in ("started", "changed") and event.get("price") is not None:
        minor, currency = event["price"]["minor"], event["price"]["currency"]
    if kind == "started":
        counts = (event.get("interval_count") or 1, event.get("quantity") or 1)
    elif kind == "changed":
        counts = (event.get("interval_count"), event.get("quantity"))
    return (
        short(f"{len(own)}:{own}{name}"),
        _at(event),
        RANKS.index(kind) + 1,
        own,
        name,
        event.get("plan"),
        minor,
        currency,
        event.get("interval"),
        *counts,
        None if until is None else instant(until),
        event.get("reason"),
    )


def _channel_of(events: list[dict]) -> tuple[int, str] | None:
    return min(((_at(e), e["channel"]) for e in events if e.get("channel") is not None), default=None)


def _about(event: dict) -> tuple[bytes, bytes]:
    return short(event["event_id"]), short(event["order_id"])


def _at(event: dict) -> int:
    return instant(event["occurred_at"])


def _money(event: dict) -> tuple[int, str]:
    return event["amount"]["minor"], event["amount"]["currency"]
