"""Windows against instants worked out by hand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import HOUR
from service.domain.metrics.windows import DEFAULT_WINDOWS, check, reach, resolve, start_of_day

EARLY, LATE = datetime(1990, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)


def at(text: str) -> int:
    """An ISO text as microseconds since the epoch."""
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_a_rolling_day_window_starts_with_a_local_day_and_includes_as_of() -> None:
    as_of = at("2026-11-24T09:30:00+01:00")
    window = resolve("7d", as_of, "Europe/Berlin")
    assert window.start == at("2026-11-18T00:00:00+01:00")
    assert window.previous == at("2026-11-11T00:00:00+01:00")
    assert window.end == as_of + 1


def test_a_rolling_hour_window_starts_just_after_its_hours() -> None:
    as_of = at("2026-11-24T09:30:00+00:00")
    window = resolve("24h", as_of, "Europe/Berlin")
    assert window.start == as_of - 24 * HOUR + 1
    assert window.previous == as_of - 48 * HOUR + 1
    assert window.opens == as_of - 24 * HOUR


@pytest.mark.parametrize(
    ("name", "previous", "start", "end"),
    [
        ("last_month", "2026-09-01", "2026-10-01", "2026-11-01"),
        ("last_quarter", "2026-04-01", "2026-07-01", "2026-10-01"),
        ("last_year", "2024-01-01", "2025-01-01", "2026-01-01"),
    ],
)
def test_calendar_windows_are_the_last_complete_periods(
    name: str, previous: str, start: str, end: str
) -> None:
    window = resolve(name, at("2026-11-24T09:30:00+00:00"), "UTC")
    expected = tuple(at(f"{day}T00:00:00+00:00") for day in (start, end, previous))
    assert (window.start, window.end, window.previous) == expected


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
        (date(2018, 11, 4), "America/Sao_Paulo", 23),  # midnight itself is skipped
        (date(1919, 3, 30), "America/Toronto", 23.5),  # the last half hour, and the first of the next day
        (date(1919, 3, 31), "America/Toronto", 23.5),
        (date(2026, 10, 4), "Australia/Lord_Howe", 23.5),
        (date(2011, 12, 30), "Pacific/Apia", 0),  # the whole day is skipped
    ],
)
def test_days_have_the_hours_that_the_clocks_gave_them(day: date, zone: str, hours: float) -> None:
    begin = start_of_day(day, ZoneInfo(zone))
    following = start_of_day(date.fromordinal(day.toordinal() + 1), ZoneInfo(zone))
    assert (following - begin) / HOUR == hours


@given(
    st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})),
    st.datetimes(EARLY.replace(tzinfo=None), LATE.replace(tzinfo=None)),
    st.sampled_from(DEFAULT_WINDOWS),
)
def test_periods_are_in_order_in_every_time_zone(zone: str, moment: datetime, name: str) -> None:
    as_of = round(moment.replace(tzinfo=UTC).timestamp() * 1_000_000)
    window = resolve(name, as_of, zone)
    assert window.previous < window.start < window.end <= as_of + 1
    current, previous = reach(name)
    assert window.start >= as_of - current * 24 * HOUR
    assert window.previous >= as_of - previous * 24 * HOUR


@pytest.mark.parametrize("name", ["", "7", "0d", "7 d", "last_week", "7D", "-1d", "٧d"])
def test_what_is_no_window_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="is no window"):
        check([name])


def test_windows_are_listed_once() -> None:
    assert check(["7d", "30d", "7d"]) == ("7d", "30d")


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue"])
@pytest.mark.parametrize("as_of", [at("0001-01-01T00:00:00+00:00"), at("9999-12-31T23:59:59+00:00")])
@pytest.mark.parametrize("name", DEFAULT_WINDOWS)
def test_the_ends_of_the_calendar_are_no_trap(zone: str, as_of: int, name: str) -> None:
    window = resolve(name, as_of, zone)
    assert window.previous <= window.start
