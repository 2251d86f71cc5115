"""The dead letters that wait, counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import parse_instant
from service.letters import pile as module
from service.letters.pile import Pile
from service.stream.dead_letters import Letter, letter
from tests.letters.test_selection import Raw


def written(offset: int, reason: str = "invalid", topic: str = "orders") -> Letter:
    raw = Raw(b"c", b"{}", [])
    raw.offset = offset
    return letter(raw, topic, 0, reason, "…")  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans())))
def test_what_was_written_and_not_deleted_waits(steps: list[tuple[int, bool]]) -> None:
    pile, waiting = Pile(), set()
    for offset, deletes in steps:
        row = written(offset)
        pile.add(row.key, () if deletes else row.headers)
        waiting = waiting - {offset} if deletes else waiting | {offset}
    assert pile.counts().total() == len(waiting)
    assert (pile.oldest() is None) is not bool(waiting)


def test_letters_are_counted_by_topic_and_reason_and_the_oldest_is_known() -> None:
    pile = Pile()
    rows = [written(1), written(2, "not_json"), written(3, "not_json"), written(4, topic="customers")]
    for day, row in enumerate(rows, 1):
        row.headers[-1] = ("subpulse.rejected_at", f"2026-01-0{day}T00:00:00Z".encode())
        pile.add(row.key, row.headers)
    assert pile.counts() == {("orders", "invalid"): 1, ("orders", "not_json"): 2, ("customers", "invalid"): 1}
    assert pile.oldest() == parse_instant("2026-01-01T00:00:00Z")
    pile.add(rows[0].key, ())
    assert pile.oldest() == parse_instant("2026-01-02T00:00:00Z")


def test_a_letter_of_unknown_age_is_not_the_oldest() -> None:
    pile, (unknown, known) = Pile(), (written(1), written(2))
    unknown.headers[-1] = ("subpulse.rejected_at", b"yesterday")
    pile.add(unknown.key, unknown.headers)
    assert (pile.oldest(), pile.counts().total()) == (None, 1)
    known.headers[-1] = ("subpulse.rejected_at", b"2026-01-02T00:00:00Z")
    pile.add(known.key, known.headers)
    assert pile.oldest() == parse_instant("2026-01-02T00:00:00Z")


def test_beyond_what_is_remembered_letters_are_still_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    pile, rows = Pile(), [written(offset) for offset in range(10)]
    for row in rows:
        pile.add(row.key, row.headers)
    assert pile.counts().total() == 10
    for row in reversed(rows):
        pile.add(row.key, ())
    assert pile.counts().total() == 0
