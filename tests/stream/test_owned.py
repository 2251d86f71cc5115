"""What a partition remembers besides its records: positions, crash marks, completeness."""

import pytest

from service.domain.records import Limits, UnknownFormatError
from service.stream import head
from service.stream.lean import Record
from service.stream.owned import Owned


class Raw:
    """A record as aiokafka delivers it."""

    def __init__(self, offset: int, value: bytes = b"{}") -> None:
        self.offset, self.value, self.timestamp = offset, value, 5
        self.key: bytes | None = b"c"
        self.headers: list[tuple[str, bytes]] = []


def owned(**positions: int) -> Owned:
    made = Owned(0, Limits())
    made.restore_head(
        head.pack(head.Head(head.FORMAT, 4, {t: head.Position(n, 1, b"x" * 8) for t, n in positions.items()}))
    )
    return made


def raw(offset: int, value: bytes = b"{}") -> Record:
    return Raw(offset, value)


def test_a_head_reads_back() -> None:
    marks = (head.CrashMark("orders", 7, 2),)
    written = head.Head(head.FORMAT, 4, {"orders": head.Position(7, 1, b"12345678")}, marks)
    assert head.unpack(head.pack(written)) == written


@pytest.mark.parametrize("value", [b"", b"\x00", b"\x90", head.pack(head.Head(99, 4, {}))])
def test_a_head_of_another_format_is_refused_with_a_sentence(value: bytes) -> None:
    with pytest.raises(UnknownFormatError, match="compute the state anew: `subpulse rebuild`"):
        head.unpack(value)


def test_the_digest_tells_records_apart_by_key_and_value() -> None:
    digests = {head.digest(k, v) for k in (None, b"a", b"b") for v in (b"a", b"b")}
    assert len(digests) == 6


def test_only_topics_that_moved_get_a_new_position() -> None:
    part = owned(orders=3, customers=8)
    assert not part.moved
    part.last["orders"] = raw(9, b"value")
    found = part.advanced()
    assert found["customers"] == part.positions["customers"]
    assert found["orders"] == head.Position(10, 5, head.digest(b"c", b"value"))


def test_a_second_crash_at_the_same_place_makes_a_letter_of_it() -> None:
    part = owned(orders=3)
    part.crashes = part.crashed_on("orders", 5)
    assert part.skips("orders") == frozenset()
    part.crashes = part.crashed_on("orders", 9)
    part.crashes = part.crashed_on("orders", 5)
    assert part.skips("orders") == {5}
    assert part.skips("customers") == frozenset()


def test_a_crash_mark_is_forgotten_once_its_record_is_passed() -> None:
    part = owned(orders=3)
    part.crashes = (
        head.CrashMark("orders", 5, 2),
        head.CrashMark("orders", 6),
        head.CrashMark("customers", 0),
    )
    kept = part.open_crashes({"orders": head.Position(6)})
    assert [(mark.topic, mark.offset) for mark in kept] == [("orders", 6), ("customers", 0)]


def test_complete_means_read_to_where_the_sources_ended_one_refresh_earlier() -> None:
    part = owned(orders=3, customers=8)
    assert not part.complete()
    part.source_ends = {"orders": 3, "customers": 8}
    assert part.complete()
    part.source_ends = {"orders": 4, "customers": 8}
    assert not part.complete()


def test_the_lag_is_what_the_sources_held_and_is_not_applied() -> None:
    part = owned(orders=3, customers=8)
    assert part.lag() == {}
    part.source_ends = {"orders": 10, "customers": 8}
    assert part.lag() == {"orders": 7, "customers": 0}
    part.source_ends = {"orders": 2, "customers": 8}  # asked before the last records were applied
    assert part.lag() == {"orders": 0, "customers": 0}


def test_markers_of_transactions_at_the_end_do_not_keep_a_partition_incomplete() -> None:
    part = owned(orders=3)
    part.source_ends = {"orders": 4}
    part.passed["orders"] = (
        3,
        4,
    )  # all that was delivered is applied, and the consumer stands behind the marker
    assert part.complete()
    assert part.lag() == {"orders": 0}
    part.passed["orders"] = (4, 5)  # delivered, but still in the queue
    assert not part.complete()
    assert part.lag() == {"orders": 1}


def test_the_next_owner_reads_on_behind_markers_of_transactions_that_were_passed() -> None:
    part = owned(orders=3, customers=8)
    part.passed = {"orders": (3, 5), "customers": (8, 8)}
    assert part.moved
    part.positions = part.advanced()
    assert not part.moved
    assert part.positions["orders"] == head.Position(3, 1, b"x" * 8, markers=2)  # the record is still known
    heir = Owned(0, Limits())
    heir.restore_head(head.pack(head.Head(head.FORMAT, 4, part.positions)))
    assert heir.resume_at == {"orders": 5, "customers": 8}
    heir.passed["orders"] = (5, 4)  # asked while the consumer was still where the last record is
    assert not heir.moved
