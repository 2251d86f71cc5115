"""Many instants at once are read as each of them is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alike import FEWEST, times_of_day
from schemas.instants import EXPECTED, format_instant, parse_instant, parse_instants
from tests.schemas.events import STEADY

FEWER = settings(STEADY, max_examples=60)
DATES = st.dates().map(str)
CLOCKS = st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
WRONG = st.sampled_from(
    ["24:00:00", "23:60:00", "23:59:60", "2a:00:00", "23 59:00", "23:59-00", "::::::::", "٢٣:00:00"]
)


def text(date: str, clock: tuple[int, ...] | str, fraction: str, end: str = "Z") -> str:
    time = clock if isinstance(clock, str) else ":".join(f"{number:02}" for number in clock)
    return f"{date}T{time}{'.' if fraction else ''}{fraction}{end}"


@FEWER
@given(DATES, st.lists(CLOCKS, min_size=FEWEST, max_size=2 * FEWEST), st.integers(0, 6), st.randoms())
def test_instants_of_one_day_written_alike_are_read_in_columns(date, clocks, width, random):
    texts = [text(date, clock, "".join(random.choices("0123456789", k=width))) for clock in clocks]
    assert times_of_day(texts) is not None
    assert parse_instants(texts) == [parse_instant(one) for one in texts]


@FEWER
@given(
    DATES,
    st.lists(CLOCKS, min_size=FEWEST, max_size=2 * FEWEST),
    st.tuples(
        DATES, CLOCKS | WRONG, st.text("0123456789", max_size=7), st.sampled_from(["Z", "z", "+01:00", "x"])
    ),
    st.integers(0, FEWEST),
)
def test_one_that_is_written_otherwise_among_many_counts_as_it_does_alone(date, clocks, odd, place):
    texts = [text(date, clock, "250") for clock in clocks]
    texts.insert(place, text(*odd))
    try:
        alone = parse_instant(texts[place])
    except ValueError:
        with pytest.raises(ValueError, match=EXPECTED):
            parse_instants(texts)
        return
    assert parse_instants(texts)[place] == alone


@pytest.mark.parametrize("wrong", ["2026-02-29", "2026-13-01", "0000-01-01", "2026-1a-01"])
def test_a_date_that_is_none_is_none_for_many_too(wrong):
    texts = [text(wrong, (9, 0, 0), "")] * FEWEST
    assert times_of_day(texts) is not None
    with pytest.raises(ValueError, match=EXPECTED):
        parse_instants(texts)


def test_the_last_microsecond_of_the_calendar_is_read_in_columns():
    last = format_instant(
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).toordinal() - 719_163) * 86_400_000_000
    )
    assert parse_instants([last] * FEWEST) == [parse_instant(last)] * FEWEST
