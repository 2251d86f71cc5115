"""Instants: what is one, and that nothing is rounded, shifted or guessed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import EARLIEST, LATEST, format_instant, parse_instant
from tests.schemas.events import STEADY

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@STEADY
@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS))
def test_any_moment_with_any_offset_is_read_to_the_microsecond(moment: datetime) -> None:
    assert parse_instant(moment.isoformat()) == (moment - EPOCH) // timedelta(microseconds=1)


@STEADY
@given(st.integers(EARLIEST, LATEST))
def test_what_is_written_is_read_back(instant: int) -> None:
    assert parse_instant(format_instant(instant)) == instant


@STEADY
@given(st.text("0123456789", min_size=7, max_size=40), st.sampled_from(["Z", "z", "+01:30"]))
def test_digits_beyond_microseconds_are_cut_and_not_rounded(digits: str, offset: str) -> None:
    short, long = (f"1969-12-31T23:59:59.{some}{offset}" for some in (digits[:6], digits))
    assert parse_instant(long) == parse_instant(short)


def test_a_second_before_the_epoch_with_a_fraction_lies_after_that_second() -> None:
    assert parse_instant("1969-12-31T23:59:59.9999999Z") == -1


def test_small_letters_are_accepted() -> None:
    assert parse_instant("2026-11-22t09:00:00z") == parse_instant("2026-11-22T09:00:00Z")


def test_minus_zero_is_zero() -> None:
    assert parse_instant("2026-11-22T09:00:00-00:00") == parse_instant("2026-11-22T09:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Z",
        "2026-11-22",
        "2026-11-22T09:00Z",
        "2026-11-22T09:00:00",
        "2026-11-22T09:00:00.5",
        "2026-11-22 09:00:00Z",
        "2026-11-22_09:00:00Z",
        "2026-11-22T09:00:60Z",
        "2026-12-31T23:59:60Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T09:60:00Z",
        "2026-11-31T09:00:00Z",
        "2026-02-29T09:00:00Z",
        "2026-00-01T09:00:00Z",
        "2026-13-01T09:00:00Z",
        "2026-11-22T09:00:00.Z",
        "2026-11-22T09:00:00,5Z",
        "2026-11-22T09:00:00.5_0Z",
        "2026-11-22T09:00:00.5 Z",
        "2026-11-22T09:00:00.-5Z",
        "2026-11-22T09:00:00+0100",
        "2026-11-22T09:00:00+01",
        "2026-11-22T09:00:00+1:00",
        "2026-11-22T09:00:00+24:00",
        "2026-11-22T09:00:00+01:60",
        "2026-11-22T09:00:00.5+0100",
        "2026-11-22T09:00:00 +01:00",
        "2026-11-22T09:00:00ZZ",
        "2026-11-22T09:00:00Z ",
        " 2026-11-22T09:00:00Z",
        "2026-11-22T09:00:00Z\n",
        "+026-11-22T09:00:00Z",
        "-026-11-22T09:00:00Z",
        "12026-11-22T09:00:00Z",
        "2026-1-22T09:00:00Z",
        "2026-11-22T9:00:00Z",
        "2026/11/22T09:00:00Z",
        "２026-11-22T09:00:00Z",
        "2026-11-22T09:00:00.５Z",
        "2026-11-22T09:00:0٣Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
    ],
)
def test_what_is_not_rfc_3339_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_instant(text)


@pytest.mark.parametrize("thing", [None, 5, 5.0, True, [], {}, b"2026-11-22T09:00:00Z"])
def test_what_is_no_text_is_refused(thing: object) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_instant(thing)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01"])
def test_an_offset_may_not_lead_out_of_the_years_1_to_9999(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 9999"):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("0001-01-01T00:00:00Z", EARLIEST),
        ("0001-01-01T00:01:00+00:01", EARLIEST),
        ("9999-12-31T23:59:59.9999999Z", LATEST),
        ("9999-12-31T23:58:59.999999-00:01", LATEST),
    ],
)
def test_the_first_and_the_last_instant_are_accepted(text: str, instant: int) -> None:
    assert parse_instant(text) == instant
