"""Which letters are meant, and what a letter tells of its record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.verdict import REASONS
from service.errors import UserError
from service.letters.selection import Selection, check_key, instant
from service.stream.dead_letters import Story, letter, place, story

NOW = 1_767_225_600_000_000  # 2026-01-01
NAMES = st.text(max_size=20) | st.sampled_from(["subpulse.key", "subpulse.offset", "trace"])
HEADERS = st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=20)), max_size=10)


class Raw:
    """A record as aiokafka delivers it."""

    def __init__(
        self, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
    ) -> None:
        self.key, self.value, self.headers = key, value, headers
        self.offset, self.timestamp = 17, 5


def of(reason: str = "invalid", topic: str = "orders", at: str = "2026-01-01T00:00:00Z") -> Story:
    return Story(b"k", reason, "…", topic, 3, 17, at, ())


@given(st.none() | st.binary(max_size=20), st.none() | st.binary(max_size=20), HEADERS, st.text(max_size=20))
def test_a_letter_gives_back_the_record_whatever_its_headers_are_called(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]], detail: str
) -> None:
    written = letter(Raw(key, value, headers), "orders", 3, "invalid", detail)  # type: ignore[arg-type]
    told = story(written.headers)
    assert told is not None
    assert (told.key, written.value, list(told.headers)) == (key, value, headers)
    assert (told.reason, told.topic, told.partition, told.offset) == ("invalid", "orders", 3, 17)
    assert written.key == place(told.topic, told.partition, told.offset) == b"orders/3/17"


@pytest.mark.parametrize("headers", [(), [("subpulse.reason", b"invalid")], [("trace", b"x")] * 9])
def test_a_row_without_our_headers_is_no_letter(headers: list[tuple[str, bytes | None]]) -> None:
    assert story(headers) is None


@pytest.mark.parametrize(
    ("selection", "meant"),
    [
        (Selection(), True),
        (Selection(keys=frozenset({"orders/3/17", "orders/3/18"})), True),
        (Selection(keys=frozenset({"orders/3/18"})), False),
        (Selection(reasons=frozenset({"invalid"}), topics=frozenset({"orders"})), True),
        (Selection(reasons=frozenset({"invalid"}), topics=frozenset({"customers"})), False),
        (Selection(since="2026-01-01T00:00:00Z"), True),
        (Selection(since="2026-01-01T00:00:00.000001Z"), False),
        (Selection(until="2026-01-01T00:00:00Z"), False),
        (Selection(until="2026-01-01T00:00:00.000001Z"), True),
    ],
)
def test_every_condition_must_hold(selection: Selection, meant: bool) -> None:
    assert selection.takes(of()) is meant


def test_a_named_letter_is_looked_for_on_its_own_partition_only() -> None:
    assert Selection(keys=frozenset({"orders/3/18", "a.b-c/1/0"})).partitions(8) == [1, 3]
    assert Selection(reasons=frozenset(REASONS)).partitions(3) == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", "2025-12-31T23:58:30Z"),
        ("30m", "2025-12-31T23:30:00Z"),
        ("12h", "2025-12-31T12:00:00Z"),
        ("7d", "2025-12-25T00:00:00Z"),
        ("2026-01-01T02:00:00+01:00", "2026-01-01T01:00:00Z"),
    ],
)
def test_a_time_is_an_instant_or_so_long_ago(text: str, expected: str) -> None:
    assert instant(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "7", "d", "-1d", "2026-01-01"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(UserError, match="is no time: write"):
        instant(text, NOW)


@pytest.mark.parametrize("text", ["", "orders", "orders/3", "orders/x/1", "orders/1/2/3", "or ders/1/2"])
def test_what_cannot_be_a_letter_is_told(text: str) -> None:
    with pytest.raises(UserError, match="write TOPIC/PARTITION/OFFSET"):
        check_key(text)
