"""Random events as JSON objects: right ones, and ones with something wrong.

Written from the contract's table, not from the models.
"""

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from schemas.decode import Kind

STEADY = settings(derandomize=True, deadline=None, max_examples=400)
"""The same examples in every run."""

TYPES: dict[Kind, tuple[str, ...]] = {
    "orders": ("order.placed", "order.refunded", "order.cancelled"),
    "subscriptions": (
        "subscription.started",
        "subscription.activated",
        "subscription.renewed",
        "subscription.changed",
        "subscription.cancel_scheduled",
        "subscription.cancel_unscheduled",
        "subscription.paused",
        "subscription.resumed",
        "subscription.payment_failed",
        "subscription.payment_recovered",
        "subscription.ended",
    ),
    "customers": ("customer.signed_up", "customer.invited", "customer.erased"),
    "marketing": ("spend.recorded",),
}

CHARACTERS = st.characters(exclude_categories=["Cs"])
IDENTIFIERS = st.text(CHARACTERS, min_size=1, max_size=12) | st.just("ü" * 256)
LABELS = st.text(CHARACTERS, min_size=1, max_size=12) | st.just("🎈" * 128)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", "DEM", "ITL", "HRK"])
MINORS = st.integers(0, 2**53)
REASONS = st.sampled_from(["requested", "price", "product", "competitor", "unused", "service", "other"])
REASONS |= st.sampled_from(["payment_failed", "dispute", "refunded", "unknown"])
INTERVALS = st.sampled_from(["day", "week", "month", "quarter", "year"])


@st.composite
def instants(draw: st.DrawFn) -> str:
    moment = draw(st.datetimes())
    fraction = draw(st.sampled_from(["", ".0", ".5", ".123", ".999999", ".9999999999"]))
    offset = draw(st.sampled_from(["Z", "z", "+00:00", "-00:00", "+05:30", "-09:30"]))
    year = min(max(moment.year, 2), 9998)
    clock = moment.strftime("%m-%d{}%H:%M:%S").format(draw(st.sampled_from("Tt")))
    return f"{year:04}-{clock}{fraction}{offset}".replace("-02-29", "-02-28")


@st.composite
def money(draw: st.DrawFn, currency: str | None = None) -> dict[str, Any]:
    return {"minor": draw(MINORS), "currency": currency or draw(CURRENCIES)}


@st.composite
def events(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    """A right event of a topic. Optional fields may be there, null or absent, unknown ones may be there."""
    name = draw(st.sampled_from(TYPES[kind]))
    event: dict[str, Any] = {
        "type": name,
        "event_id": draw(st.text(CHARACTERS, min_size=1, max_size=12) | st.just("é" * 512)),
        "occurred_at": draw(instants()),
    }
    optional: dict[str, st.SearchStrategy[Any]] = {}
    if kind != "marketing":
        event["customer_id"] = draw(IDENTIFIERS)
    if kind == "orders":
        event["order_id"] = draw(IDENTIFIERS)
    if kind == "subscriptions":
        event["subscription_id"] = draw(IDENTIFIERS)
    if name in ("order.placed", "order.refunded", "spend.recorded"):
        event["amount"] = draw(money())
    if name == "order.placed":
        item = st.fixed_dictionaries(
            {
                "sku": LABELS,
                "quantity": st.integers(1, 2**31 - 1),
                "amount": money(event["amount"]["currency"]),
            }
        )
        optional = {
            "items": st.lists(item, max_size=3),
            "channel": LABELS,
            "subscription_id": IDENTIFIERS,
        }
    elif name in ("order.refunded", "order.cancelled", "subscription.ended"):
        optional = {"reason": REASONS}
    elif name == "subscription.started":
        event |= {"plan": draw(LABELS), "price": draw(money()), "interval": draw(INTERVALS)}
        optional = {
            "interval_count": st.integers(1, 1_200),
            "quantity": _quantities(event["price"]["minor"]),
            "trial_ends_at": instants(),
            "period_ends_at": instants(),
            "channel": LABELS,
        }
    elif name in ("subscription.activated", "subscription.renewed"):
        optional = {"period_ends_at": instants()}
    elif name == "subscription.changed":
        price = draw(money())
        terms: dict[str, st.SearchStrategy[Any]] = {
            "plan": LABELS,
            "price": st.just(price),
            "interval": INTERVALS,
            "interval_count": st.integers(1, 1_200),
            "quantity": _quantities(price["minor"]),
        }
        sure = draw(st.sampled_from(sorted(terms)))
        event[sure] = draw(terms.pop(sure))
        optional = terms
    elif name == "subscription.cancel_scheduled":
        event["ends_at"] = draw(instants())
        optional = {"reason": REASONS}
    elif name == "customer.signed_up":
        optional = {"channel": LABELS, "referred_by": IDENTIFIERS}
    elif name == "customer.invited":
        optional = {"invitee": IDENTIFIERS}
    elif name == "spend.recorded":
        event["channel"] = draw(LABELS)
    for field, values in optional.items():
        presence = draw(st.sampled_from(["there", "null", "absent"]))
        if presence != "absent":
            event[field] = draw(values) if presence == "there" else None
    if draw(st.booleans()):
        event["unknown"] = draw(VALUES)
    return event


def _quantities(minor: int) -> st.SearchStrategy[int]:
    return st.integers(1, min(2**31 - 1, 2**53 // max(minor, 1)))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(CHARACTERS, max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)

WRONG_INSTANTS = [
    "2026-11-22 09:00:00Z",
    "2026-11-22T09:00:00",
    "2026-11-22T09:00Z",
    "2026-11-22T09:00:60Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T09:00:00+0100",
    "2026-11-22T09:00:00+24:00",
    "2026-11-22T09:00:00.Z",
    "2026-11-22T09:00:00,5Z",
    "2026-02-29T09:00:00Z",
    "2026-13-01T09:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "２026-11-22T09:00:00Z",
    "2026-11-22T09:00:00Z\n",
]

LIMITS = [0, -1, 1, 1_200, 1_201, 2**31 - 1, 2**31, 2**53, 2**53 + 1, 10**30]
ODD = ["", "x" * 129, "x" * 257, "x" * 513, "XAU", "eur", "erased", "monthly", "order.lost", "5", 1.5, 1999.0]
WRONG = VALUES | st.sampled_from(ODD) | st.sampled_from(LIMITS) | st.sampled_from(WRONG_INSTANTS)


@st.composite
def dubious(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    """An event of which something was taken away, or replaced by what may well be wrong."""
    event = draw(events(kind))
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(_objects(event)))
        field = draw(st.sampled_from(sorted(place))) if place else "minor"
        if draw(st.booleans()):
            place.pop(field, None)
        else:
            place[field] = draw(WRONG)
    return event


def _objects(event: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [value for value in event.values() if isinstance(value, dict)]
    items = event.get("items")
    lines = [line for line in items if isinstance(line, dict)] if isinstance(items, list) else []
    return [event, *inner, *lines]


def written(event: Any, ascii_only: bool = False) -> bytes:
    """The event as a producer would write it."""
    return json.dumps(event, ensure_ascii=ascii_only).encode()
