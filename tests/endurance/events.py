"""What the storm's producers send: the same for the same seed, and the generator knows what is wrong with it.

Sensible and odd lives of the oracle's random businesses, shuffled, so that events arrive late, twice, and in
any order within and across topics; a few customers with more orders than the settings allow, for whom every
repetition would show; and bad records of each reason that one can send.
"""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from aiokafka.partitioner import murmur2

from tests.oracle.businesses import business
from tests.oracle.instants import HOUR, instant

AS_OF = instant("2025-06-15T12:00:00Z")  # the businesses are about the time before
EPOCH = datetime(1970, 1, 1)
EVENTS_PER_CUSTOMER = 22  # of a business, as measured
ORDERS_ALLOWED = 40  # a customer, see the settings of the storm
GLUTTONS = 5
TOO_LARGE = 262_145  # bytes
BAD_SHARE, REPEATED_SHARE, ERASED_SHARE = 0.01, 0.05, 0.05
KIND_OF = {"order": "orders", "subscription": "subscriptions", "customer": "customers", "spend": "marketing"}


class Sent(NamedTuple):
    """One record for a source topic; `reason`: why it must become a dead letter, None for a good one.
    `astray`: it is sent to the partition after the right one."""

    kind: str
    key: bytes
    value: bytes | None
    reason: str | None = None
    astray: bool = False


@dataclass(frozen=True)
class Load:
    """`first`, and `last` once all of `first` is applied: in that are the erasures, and repetitions, of which
    it is no matter whether they arrive before the erasure of their customer. `returning`, once all that is
    applied: erased customers come back."""

    first: list[Sent]
    last: list[Sent]
    returning: list[Sent]

    @property
    def all(self) -> list[Sent]:
        return [*self.first, *self.last, *self.returning]

    @property
    def shredded(self) -> int:
        """How many dead letters name somebody who is erased."""
        names = erased_names(json.loads(s.value or b"") for s in self.last if s.reason is None)
        return sum(sent.reason is not None and tells_of(sent.key, sent.value, names) for sent in self.first)


def load(seed: int, count: int) -> Load:
    """About `count` records."""
    rnd = random.Random(seed)
    gluttony = [order for n in range(GLUTTONS) for order in _glutton(rnd, n)]
    customers = max(1, (count - len(gluttony)) // EVENTS_PER_CUSTOMER)
    good = [record(event) for event in business(seed, AS_OF, customers=customers)] + gluttony
    bad = [_bad(rnd, n) for n in range(max(len(_REASONS), int(count * BAD_SHARE)))]
    repeated = rnd.choices(good, k=int(count * REPEATED_SHARE))
    first = [*good, *bad, *repeated]
    rnd.shuffle(first)
    erased = [*_erasures(rnd, good), *(_erasure(f"unlucky {n}", AS_OF) for n in range(0, len(bad), 3))]
    last = [*erased, *erased[:3], *rnd.choices(good, k=len(good) // 20)]
    rnd.shuffle(last)
    return Load(first, last, _returning(rnd, erased))


def record(event: dict) -> Sent:
    """A well-behaved producer's record of an event."""
    kind = KIND_OF[event["type"].split(".")[0]]
    owner = event["channel" if kind == "marketing" else "customer_id"]
    return Sent(kind, owner.encode(), json.dumps(event, ensure_ascii=False).encode())


def home(key: bytes, partitions: int) -> int:
    """Where Kafka's default partitioner puts a key."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def place(sent: Sent, partitions: int) -> int:
    """The partition that a record is sent to."""
    return (home(sent.key, partitions) + sent.astray) % partitions


def _glutton(rnd: random.Random, number: int) -> list[Sent]:
    """Twice as many orders as are allowed: which of them count, their offsets decide."""
    who, found = f"glutton {number}", []
    for n in range(2 * ORDERS_ALLOWED):
        at = AS_OF - rnd.randrange(700 * 24) * HOUR
        found.append(record(_order(who, f"feast {n}", at, rnd.randrange(1, 90_000))))
    return found


def _order(who: str, name: str, at: int, minor: int) -> dict:
    return {
        "type": "order.placed",
        "event_id": f"{name} of {who}",
        "occurred_at": _text(at),
        "customer_id": who,
        "order_id": name,
        "amount": {"minor": minor, "currency": "EUR"},
    }


def _erasures(rnd: random.Random, good: Iterable[Sent]) -> list[Sent]:
    """Erasures of some customers, each later than everything that happened to that customer."""
    newest: dict[str, int] = {}
    for event in (json.loads(sent.value or b"") for sent in good if sent.kind != "marketing"):
        who = event["customer_id"]
        newest[who] = max(newest.get(who, 0), instant(event["occurred_at"]))
    modest = sorted(who for who in newest if not who.startswith("glutton"))
    chosen = rnd.sample(modest, max(1, int(len(modest) * ERASED_SHARE)))
    return [_erasure(who, newest[who] + HOUR) for who in chosen]


def _erasure(who: str, at: int) -> Sent:
    erased = {"event_id": f"erasure of {who}", "occurred_at": _text(at), "customer_id": who}
    return record({"type": "customer.erased", **erased})


def erased_names(events: Iterable[dict]) -> set[str]:
    """Whom erasures among the events name."""
    return {event["customer_id"] for event in events if event["type"] == "customer.erased"}


def tells_of(key: bytes | None, value: bytes | None, names: set[str]) -> bool:
    """Whether a record that cannot be used names one of these customers."""
    said = value or b""
    return (key or b"").decode() in names or any(f'"customer_id": "{n}"'.encode() in said for n in names)


def _returning(rnd: random.Random, erased: list[Sent]) -> list[Sent]:
    """Half of the erased customers buy again, and are not known to be the same; all of this comes twice."""
    found = []
    for event in (json.loads(sent.value or b"") for sent in erased[::2]):
        at = instant(event["occurred_at"])
        for n in range(3):
            found.append(
                record(_order(event["customer_id"], f"return {n}", at + n + 1, rnd.randrange(9_000)))
            )
    return [*found, *found, *erased]


def _text(at: int) -> str:
    return f"{(EPOCH + timedelta(microseconds=at)).isoformat()}Z"


_REASONS = (
    *("tombstone", "not_json", "invalid", "unknown_type", "key_mismatch", "wrong_partition", "future_event"),
    "too_large",
)


def _bad(rnd: random.Random, number: int) -> Sent:
    """A record that cannot be used; the first few are one of each reason."""
    reason = _REASONS[number] if number < len(_REASONS) else rnd.choice(_REASONS[:-1])
    who = f"unlucky {number}"
    event = _order(who, f"trouble {number}", AS_OF - rnd.randrange(90 * 24) * HOUR, rnd.randrange(9_000))
    good = record(event)
    match reason:
        case "tombstone":
            return good._replace(value=None, reason=reason)
        case "not_json":
            broken = rnd.choice((b"", b'{"broken %d', b"\xff\xfe %d", b"\xef\xbb\xbf{} %d"))
            return good._replace(value=broken.replace(b"%d", b"%d" % number), reason=reason)
        case "key_mismatch":
            return good._replace(key=b"somebody else", reason=reason)
        case "wrong_partition":
            return good._replace(reason=reason, astray=True)
        case "too_large":
            event["note"] = "x" * TOO_LARGE
        case "future_event":
            event["occurred_at"] = "2199-01-01T00:00:00Z"
        case "unknown_type":
            event["type"] = rnd.choice(("order.lost", "customer.signed_up"))
        case "invalid":
            rnd.choice((_without_an_amount, _below_zero, _on_no_day))(event)
    return good._replace(value=json.dumps(event).encode(), reason=reason)


def _without_an_amount(event: dict) -> None:
    del event["amount"]


def _below_zero(event: dict) -> None:
    event["amount"]["minor"] = -1


def _on_no_day(event: dict) -> None:
    event["occurred_at"] = "2025-02-30T00:00:00Z"
