"""Records that nobody should send: by hand, each with what must become of it, and by a seeded fuzzer."""

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from service.partitioner import partition_of

NEARLY_A_MEGABYTE = 999_000  # what a producer sends unless told otherwise
OK = None  # the reason of what is odd, and allowed
LARGEST = 1 << 53

_ORDER = {
    "type": "order.placed",
    "event_id": "e",
    "occurred_at": "2025-03-01T00:00:00Z",
    "customer_id": "mallory",
    "order_id": "o",
    "amount": {"minor": 1, "currency": "SEK"},
}
_STARTED = {
    "type": "subscription.started",
    "event_id": "e",
    "occurred_at": "2025-03-01T00:00:00Z",
    "customer_id": "mallory",
    "subscription_id": "s",
    "plan": "free",
    "price": {"minor": 1, "currency": "SEK"},
    "interval": "month",
}
BREAKERS = (
    'a"} 1\nsubpulse_orders{plan="',
    "# HELP subpulse_orders nonsense\n# TYPE subpulse_orders nonsense",
    "<script>alert(1)</script>",
    "\\",
    "\\n",
    "nul\0nul",
    "\u202e\u2028\x1b[2J",
    "x" * 128,
    "é\U0001f4a3",
    "",
)
"""Label values that would break out of an exposition, a page or a terminal (the empty one is no label)."""


class Hostile(NamedTuple):
    """One record, and the reason of its letter; OK where it has to be applied, "?" where either will do."""

    kind: str
    key: bytes | None
    value: bytes | None
    reason: str | None = "?"
    partition: int | None = None


def by_hand(partitions: int) -> Iterator[Hostile]:
    """The classics; identities differ, so what can be applied is applied once."""
    wrong = (partition_of(b"mallory", partitions) + 1) % partitions
    deep = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
    yield _raw(None, "tombstone")
    yield _raw(b"", "not_json")
    yield _raw(b"[" * 100_000, "not_json")
    yield _raw(deep, "not_json")
    yield _raw(json.dumps(_ORDER)[:-1].encode() + b', "more": ' + deep + b"}", "not_json")
    yield _raw(json.dumps(_ORDER).encode() * 2, "not_json")
    yield _raw(b"\xef\xbb\xbf" + json.dumps(_ORDER).encode(), "not_json")
    yield _raw(json.dumps(_ORDER).encode("utf-16"), "not_json")
    yield _raw(json.dumps(_ORDER).replace("mallory", "mall\xff").encode("latin-1"), "not_json")
    yield _raw(b'{"note": "\xed\xa0\x80", ' + json.dumps(_ORDER).encode()[1:], "not_json")
    yield _raw(b"NaN", "not_json")
    yield _raw(
        json.dumps({**_ORDER, "amount": {"minor": float("nan"), "currency": "SEK"}}).encode(), "not_json"
    )
    yield _raw(b"[]", "invalid")
    yield _raw(b"null", "invalid")
    yield _raw(b'"order.placed"', "invalid")
    yield _raw(b"9" * 200_000, "invalid")
    yield _raw(json.dumps({**_ORDER, "note": "x" * 1_000_000}).encode()[:NEARLY_A_MEGABYTE], "too_large")
    yield _raw(b"\0" * 300_000, "too_large")
    yield _order("invalid", items=[{"sku": 7, "quantity": "x", "amount": {"minor": -1}}] * 4_000)
    yield _order("invalid", customer_id=7, note=[[""]] * 40_000)
    yield _order("unknown_type", type="order.exploded")
    yield _order("unknown_type", type="customer.erased")
    yield _order("invalid", type=["order.placed"])
    yield _order("invalid", customer_id="m" * 257)
    yield _order("invalid", order_id="o" * 200_000)
    yield _order("invalid", order_id="\ud800")
    yield _order("invalid", note={"deep": ["\udfff"]})
    yield _order("invalid", occurred_at="0000-12-31T23:59:59Z")
    yield _order("invalid", occurred_at="2025-02-30T00:00:00Z")
    yield _order("invalid", occurred_at="٢٠٢٥-٠٣-٠١T00:00:00Z")
    yield _order("invalid", occurred_at=1e308)
    yield _order("future_event", occurred_at="9999-12-31T23:59:59.999999Z")
    yield _order(OK, occurred_at="0001-01-01T00:00:00Z", order_id="year 1")
    yield _order("invalid", occurred_at="0001-01-01T00:00:00+23:59", order_id="before year 1")
    for number in (-1, LARGEST + 1, 10**400, 1.5, 1e400, True, "1", None, [1], {}):
        reason = "not_json" if number == 1e400 else "invalid"  # Infinity is no JSON
        yield _order(reason, amount={"minor": number, "currency": "SEK"})
    yield _raw(json.dumps(_ORDER).replace('"minor": 1', '"minor": 1e400').encode(), "invalid")
    yield _order(OK, amount={"minor": LARGEST, "currency": "SEK"}, order_id="2^53")
    yield _order(OK, amount={"minor": LARGEST, "currency": "SEK"}, order_id="2^53 again")
    yield _order("invalid", amount={"minor": 1, "currency": "S\0K"})
    yield _order("invalid", items=[{"sku": "s", "quantity": 2**31, "amount": _ORDER["amount"]}])
    yield _order("key_mismatch", customer_id="mallorY")
    yield Hostile("orders", None, _body(_ORDER), "key_mismatch")
    yield Hostile("orders", b"\xff\xfe", _body(_ORDER), "key_mismatch")
    yield Hostile("orders", b"mallory", _body({**_ORDER, "order_id": "astray"}), "wrong_partition", wrong)
    twice = json.dumps({**_ORDER, "order_id": "twice"})
    yield _raw((twice[:-1] + ', "amount": {"minor": 7, "currency": "SEK"}}').encode(), OK)
    yield _raw((twice[:-1] + ', "amount": 7}').encode(), "invalid")
    for number, text in enumerate(BREAKERS):
        reason = OK if text else "invalid"
        yield _started(reason, subscription_id=f"breaker {number}", plan=text)
        yield _order(reason, order_id=f"breaker {number}", channel=text)
    yield _started("invalid", quantity=2**31 - 1, price={"minor": LARGEST, "currency": "SEK"})
    yield _started("invalid", interval_count=1_201)


def fuzzed(count: int, seed: int) -> Iterator[Hostile]:
    """Right events in which something was changed: a byte, a piece, or a whole field."""
    rnd = random.Random(seed)
    for number in range(count):
        event: dict[str, Any] = dict(rnd.choice((_ORDER, _STARTED)))
        kind = "orders" if event["type"] == "order.placed" else "subscriptions"
        event |= {"event_id": f"f-{number}"} | ({"order_id": f"f-{number}"} if kind == "orders" else {})
        if rnd.random() < 0.5:
            event[rnd.choice(list(event))] = _anything(rnd)
            yield Hostile(kind, b"mallory", _body(event))
        else:
            yield Hostile(kind, b"mallory", _mangled(bytearray(_body(event)), rnd))


def _mangled(value: bytearray, rnd: random.Random) -> bytes:
    for _ in range(rnd.choice((1, 1, 2, 8))):
        start = rnd.randrange(len(value))
        match rnd.randrange(4):
            case 0:
                value[start] = rnd.randrange(256)
            case 1:
                del value[start : start + rnd.randrange(1, 20)]
            case 2:
                value[start:start] = bytes(
                    rnd.choices(b'{}[]",:\\u0d8\0\xff\xc3e9-.', k=rnd.randrange(1, 30))
                )
            case _:
                value[start:start] = value[: rnd.randrange(1, 60)]
        if not value:
            break
    return bytes(value)


def _anything(rnd: random.Random) -> Any:
    return rnd.choice(
        (
            None,
            rnd.random() < 0.5,
            rnd.randrange(-(1 << 70), 1 << 70),
            rnd.uniform(-1e9, 1e9),
            "".join(map(chr, rnd.choices(range(0xD000, 0xE000), k=rnd.randrange(5)))),
            "y" * rnd.choice((0, 1, 128, 129, 256, 257, 5_000)),
            rnd.choice(BREAKERS),
            [[]],
            {
                "minor": rnd.choice((0, LARGEST, -LARGEST)),
                "currency": rnd.choice(("SEK", "sek", "XXX", "AAA")),
            },
            f"{rnd.randrange(10_000):04}-{rnd.randrange(14):02}-{rnd.randrange(33):02}T{rnd.randrange(25):02}:00:00Z",
        )
    )


def _raw(value: bytes | None, reason: str | None) -> Hostile:
    return Hostile("orders", b"mallory", value, reason)


def _order(reason: str | None, **fields: Any) -> Hostile:
    return Hostile("orders", b"mallory", _body({**_ORDER, **fields}), reason)


def _started(reason: str | None, **fields: Any) -> Hostile:
    return Hostile("subscriptions", b"mallory", _body({**_STARTED, **fields}), reason)


def _body(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()
