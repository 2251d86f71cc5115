"""The oracle's days and periods against dates worked out by hand."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.oracle.instants import HOUR, instant, period, start_of_day


def hours_of(day: date, zone: str) -> float:
    following = date.fromordinal(day.toordinal() + 1)
    return (start_of_day(following, ZoneInfo(zone)) - start_of_day(day, ZoneInfo(zone))) / HOUR


def test_an_instant_is_cut_to_microseconds() -> None:
    assert instant("1970-01-01T00:00:00.0000019Z") == 1
    assert instant("1969-12-31T23:59:59.9999999z") == -1
    assert instant("1970-01-01t05:45:00+05:45") == 0
    assert instant("0001-01-01T00:00:00Z") == -62_135_596_800_000_000


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2025, 3, 9), 23),
        ("America/New_York", date(2025, 11, 2), 25),
        ("America/New_York", date(2025, 11, 3), 24),
        ("Australia/Lord_Howe", date(2025, 4, 6), 24.5),
        ("Australia/Lord_Howe", date(2025, 10, 5), 23.5),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # midnight is skipped
        ("America/Sao_Paulo", date(2019, 2, 16), 25),  # the hour before midnight comes twice
        ("America/Havana", date(2025, 11, 2), 25),  # midnight comes twice
        ("Pacific/Apia", date(2011, 12, 30), 0),  # never was
    ],
)
def test_days_are_as_long_as_they_were(zone: str, day: date, hours: float) -> None:
    assert hours_of(day, zone) == hours


def test_a_day_whose_midnight_is_skipped_begins_at_one() -> None:
    assert start_of_day(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo")) == instant(
        "2018-11-04T01:00:00-02:00"
    )


def test_rolling_days_are_whole_local_days_before_today() -> None:
    zone = ZoneInfo("America/New_York")
    as_of = instant("2025-03-10T12:00:00-04:00")
    assert period("7d", as_of, zone) == (
        instant("2025-02-25T00:00:00-05:00"),
        instant("2025-03-04T00:00:00-05:00"),
        as_of + 1,
    )


def test_rolling_hours_are_hours_whatever_the_clocks_do() -> None:
    as_of = instant("2025-03-10T00:00:00-04:00")
    assert period("24h", as_of, ZoneInfo("America/New_York")) == (
        as_of - 48 * HOUR + 1,
        as_of - 24 * HOUR + 1,
        as_of + 1,
    )


@pytest.mark.parametrize(
    ("window", "dates"),
    [
        ("last_month", ("2024-11-01", "2024-12-01", "2025-01-01")),
        ("last_quarter", ("2024-07-01", "2024-10-01", "2025-01-01")),
        ("last_year", ("2023-01-01", "2024-01-01", "2025-01-01")),
    ],
)
def test_calendar_windows_are_the_last_complete_periods(window: str, dates: tuple[str, str, str]) -> None:
    for as_of in ("2025-01-01T00:00:00+05:45", "2025-01-31T23:59:59.999999+05:45"):
        found = period(window, instant(as_of), ZoneInfo("Asia/Kathmandu"))
        assert found == tuple(instant(f"{day}T00:00:00+05:45") for day in dates)
