"""A chunk of records is judged and applied at once, and comes to what its records come to one by one."""

import json
from collections import Counter
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.topics import KEY_FIELD, Kind
from service.domain.records import Limits, Partition
from service.partitioner import partition_of
from service.stream import head
from service.stream.intake import Intake
from service.stream.owned import Owned
from service.stream.telemetry import Telemetry

PARTITIONS, HERE, LONGEST = 2, 0, 400
SENT = 1_700_000_000_000  # when all records were sent, milliseconds
HORIZON = (SENT - 500_000) * 1_000
NAMES = ["ann", "bob", "Zoë", "flo", "gil"]
AT_HOME = [name for name in NAMES if partition_of(name.encode(), PARTITIONS) == HERE]
EUR = {"minor": 100, "currency": "EUR"}
TYPES: dict[Kind, dict[str, dict[str, Any]]] = {
    "orders": {"order.placed": {"amount": EUR}, "order.refunded": {"amount": EUR}, "order.cancelled": {}},
    "subscriptions": {
        "subscription.started": {"plan": "pro", "price": EUR, "interval": "month"},
        "subscription.paused": {},
        "subscription.ended": {},
    },
    "customers": {"customer.signed_up": {"channel": "ads"}, "customer.invited": {}, "customer.erased": {}},
    "marketing": {"spend.recorded": {"amount": EUR}},
}
INSTANTS = st.integers(0, 20).map(lambda n: f"2023-11-14T22:{n:02d}:00Z")  # around the horizon, none is late


class Raw(NamedTuple):
    """A record as aiokafka delivers it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@st.composite
def right(draw: st.DrawFn, kind: Kind, names: list[str]) -> Raw:
    name, fields = draw(st.sampled_from(list(TYPES[kind].items())))
    who, number = draw(st.sampled_from(names)), draw(st.integers(0, 3))
    event = {"type": name, "event_id": f"e{number}", "occurred_at": draw(INSTANTS), KEY_FIELD[kind]: who}
    event |= {"order_id": f"o{number}"} if kind == "orders" else {}
    event |= {"subscription_id": f"s{number}"} if kind == "subscriptions" else {}
    return Raw(0, SENT, who.encode(), json.dumps(event | fields).encode(), ())


@st.composite
def spoilt(draw: st.DrawFn, kind: Kind) -> Raw:
    """A record with, most likely, something wrong; often a customer of another partition."""
    raw = draw(right(kind, NAMES))
    assert raw.value is not None
    return draw(
        st.sampled_from(
            [
                raw,
                raw._replace(key=None),
                raw._replace(key=b"somebody else"),
                raw._replace(value=None),
                raw._replace(value=raw.value[:-1]),
                raw._replace(value=raw.value.replace(b"{", b'{"x":"\xff",', 1)),
                raw._replace(value=raw.value + b" " * LONGEST),
                raw._replace(value=raw.value.replace(b"2023", b"2053")),
                raw._replace(value=raw.value.replace(b'"type"', b'"kind"')),
                raw._replace(timestamp=-1, value=raw.value.replace(b"2023", b"2053")),
                raw._replace(headers=(("content-type", b"application/cloudevents+json"),)),
            ]
        )
    )


def numbered(records: list[Raw]) -> list[Raw]:
    return [record._replace(offset=offset) for offset, record in enumerate(records)]


def came_to(kind: Kind, chunks: list[list[Raw]], skipped: int | None) -> dict[str, Any]:
    """All that taking these chunks leaves behind."""
    owned, telemetry = Owned(HERE, Limits(orders=2, transitions=2)), Telemetry.of(("source",))
    owned.records = Partition(owned.limits, chance=Random(4).randbytes)  # names of the erased
    owned.partitions = PARTITIONS
    if skipped is not None:
        owned.crashes = (head.CrashMark("source", skipped, times=2),)
    intake = Intake(kind, "source", telemetry, lambda: HORIZON, LONGEST)
    for chunk in chunks:
        intake.take(owned, chunk)
    draft = owned.records.draw()
    return {
        "letters": sorted((letter.key, letter.value, letter.headers[:-1]) for letter in owned.letters),
        "events": telemetry.events,
        "rejected": telemetry.rejected,
        "late": +Counter(telemetry.late),
        "timed": telemetry.delay["source"].count,
        "fresh": (draft.fresh.names, bytes(draft.fresh.rows)),
        "drawn": (draft.orders.keys(), draft.lives.keys()),
        "records": sorted(owned.records.changes()),
        "watermark": owned.records.watermark,
        "resume_at": owned.resume_at,
    }


@pytest.mark.parametrize("kind", TYPES)
@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.data())
def test_records_together_come_to_what_they_come_to_one_by_one(kind: Kind, data: st.DataObject) -> None:
    fine, all_over = right(kind, AT_HOME), right(kind, NAMES)
    some = data.draw(st.sampled_from([fine, all_over, fine | spoilt(kind)]), "how bad")
    records = numbered(data.draw(st.lists(some, min_size=1, max_size=12), "records"))
    skipped = data.draw(st.none() | st.integers(0, len(records)), "an offset on which a worker crashed twice")
    one_by_one = came_to(kind, [[record] for record in records], skipped)
    assert came_to(kind, [records], skipped) == one_by_one
