"""A changelog of the format before this one: `formats/2.ndjson.gz` holds its rows and the events of it."""

import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from schemas.decode import decode
from service.domain.records import Partition, UnknownFormatError, former, packing
from tests.domain.events import EVER, applied, summary

Row = tuple[bytes, bytes | None]


class Stored(NamedTuple):
    """What a former version was given, and what it wrote."""

    events: list[Any]
    rows: list[Row]


@pytest.fixture(scope="module")
def stored() -> Stored:
    file = Path(__file__).parent / "formats" / f"{former.VERSION}.ndjson.gz"
    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    events = [decode(line["kind"], json.dumps(line["event"]).encode()) for line in lines if "event" in line]
    rows = [(bytes.fromhex(line["key"]), bytes.fromhex(line["value"])) for line in lines if "key" in line]
    return Stored(events, [*rows])


def restored(rows: list[Row]) -> Partition:
    partition = Partition()
    partition.restore(rows)
    partition.restored()
    return partition


def test_the_fixture_is_of_the_former_format_and_has_sealed_pieces(stored: Stored) -> None:
    assert {value[0] for _, value in stored.rows if value} == {former.VERSION} != {packing.VERSION}
    assert any(key[:1] == b"C" for key, _ in stored.rows)
    assert len(stored.events) == 350


def test_records_of_the_former_format_come_to_the_same_figures(stored: Stored) -> None:
    assert summary(restored(stored.rows)) == summary(applied(stored.events))


def test_an_upgraded_partition_goes_on_and_its_changelog_may_hold_both_formats(stored: Stored) -> None:
    upgraded = restored(stored.rows)
    more = [decode("orders", msgspec.json.encode(another(number))) for number in range(20)]
    upgraded.apply_all(more, EVER, [])
    rows = upgraded.changes()
    assert {value[0] for _, value in rows if value} == {packing.VERSION}
    assert summary(restored([*stored.rows, *rows])) == summary(applied([*stored.events, *more]))


def another(number: int) -> dict[str, Any]:
    return {
        "type": "order.placed",
        "event_id": f"later-{number}",
        "occurred_at": "2026-06-01T00:00:00Z",
        "customer_id": f"c-{number:06d}",
        "order_id": f"later-{number}",
        "amount": {"minor": 100, "currency": "EUR"},
    }


def test_an_erased_customer_with_a_name_is_refused_with_the_way_out(stored: Stored) -> None:
    key, value = next((k, v) for k, v in stored.rows if k[:1] == b"c" and v)
    fields = msgspec.msgpack.decode(value[1:])
    erased = bytes([former.VERSION]) + msgspec.msgpack.encode([*fields[:-1], [5]])
    with pytest.raises(UnknownFormatError, match=r"still has its name; .*`subpulse rebuild`"):
        Partition().restore([(key, erased)])


def test_after_a_rollback_rows_of_the_newer_format_are_refused_with_the_way_out(stored: Stored) -> None:
    key, value = next((k, v) for k, v in applied(stored.events).changes() if v)
    newer = bytes([packing.VERSION + 1]) + value[1:]
    with pytest.raises(UnknownFormatError, match=r"this version reads 02 and 03; .*`subpulse rebuild`"):
        Partition().restore([(key, newer)])
