"""The board of summaries: the newest instant that all partitions share."""

import pytest

from service.domain.metrics.fits import Models
from service.figures.board import CLOCKS_APART, KEPT, Board
from service.stream.summary_rows import FORMAT, Envelope


def envelope(partition: int, as_of: int, **fields: object) -> Envelope:
    values = {
        "format": FORMAT,
        "fingerprint": "same",
        "generation": 1,
        "partition": partition,
        "as_of": as_of,
        "made_at": as_of,
        "interval": 5,
        "watermark": None,
        "complete": True,
        "summary": b"",
    }
    return Envelope(**{**values, **fields})  # type: ignore[arg-type]


def board(*pinned: Envelope, partitions: int = 2) -> Board:
    made = Board(partitions, "same")
    for one in pinned:
        made.add(one)
    return made


def shown(found: Board, fresh_since: int = 0) -> list[tuple[int, int]]:
    return [(e.partition, e.as_of) for e in found.read(fresh_since).envelopes]


def test_nothing_is_shown_before_all_partitions_have_a_summary() -> None:
    assert shown(board(envelope(0, 10), envelope(0, 20))) == []


def test_the_newest_instant_that_all_share_is_shown() -> None:
    found = board(envelope(0, 10), envelope(0, 20), envelope(0, 30), envelope(1, 10), envelope(1, 20))
    assert shown(found) == [(0, 20), (1, 20)]


def test_only_the_last_few_instants_are_kept() -> None:
    found = board(*(envelope(0, at) for at in range(KEPT + 1)), envelope(1, 0))
    assert shown(found) == []


def test_a_newer_summary_of_the_same_instant_replaces_the_older() -> None:
    found = board(envelope(0, 10, made_at=1), envelope(0, 10, made_at=2), partitions=1)
    assert [e.made_at for e in found.read(0).envelopes] == [2]


def test_a_partition_between_owners_keeps_its_summary_and_coverage_tells() -> None:
    found = board(envelope(0, 10), envelope(1, 10), envelope(0, 20))
    reading = found.read(fresh_since=15)
    assert shown(found) == [(0, 10), (1, 10)]
    assert (reading.covered, reading.oldest) == (0.5, 10)


def test_a_summary_made_with_other_settings_is_refused_and_shown() -> None:
    found = board(envelope(0, 10), envelope(1, 10), envelope(1, 20, fingerprint="other"))
    reading = found.read(0)
    assert reading.envelopes == ()
    assert len(reading.refused) == 1
    assert "partition 1" in reading.refused[0]
    found.add(envelope(1, 10))
    assert found.read(0).refused == ()


def test_those_left_by_workers_of_other_settings_who_are_gone_are_no_ground_for_a_complaint() -> None:
    found = Board(2, "same", since=100)
    found.add(envelope(1, 50, fingerprint="other"))
    assert found.read(0).refused == ()
    found.add(envelope(1, 110, fingerprint="other"))
    assert "partition 1" in found.read(0).refused[0]


def test_models_stay_in_force_whatever_settings_they_were_told_with_and_the_newest_count() -> None:
    old, new = Models(made_at=10, fits={}), Models(made_at=20, fits={})
    found = Board(2, "same", since=100)
    assert found.models_told() == Models()
    found.add(envelope(0, 50, fingerprint="other", models=new))
    found.add(envelope(0, 120, models=old))
    found.add(envelope(1, 120, models=Models(made_at=30)))
    assert found.models_told() == new


def test_the_slowest_worker_sets_the_interval_and_the_greatest_watermark_counts() -> None:
    found = board(envelope(0, 10, interval=20, watermark=7), envelope(1, 10, watermark=9))
    assert (found.slowest(5), found.watermark()) == (20, 9)
    assert (board().slowest(5), board().watermark()) == (5, None)


def test_summaries_of_former_workers_do_not_slow_down_those_of_today() -> None:
    found = Board(2, "same", since=100)
    found.add(envelope(0, 50, interval=640))
    found.add(envelope(1, 150, interval=10))
    assert found.slowest(default=5) == 10


@pytest.mark.parametrize(("wrong", "words"), [(1, "60 minutes ahead of"), (-1, "60 minutes behind")])
def test_a_summary_by_a_clock_unlike_the_brokers_is_refused_and_shown(wrong: int, words: str) -> None:
    found, hour = board(envelope(0, 10), envelope(1, 10)), 3_600_000_000
    found.add(envelope(1, 20, made_at=20 + wrong * hour), arrived=20)
    reading = found.read(0)
    assert reading.envelopes == ()
    assert [words in sentence for sentence in reading.refused] == [True]
    found.add(envelope(1, 10, made_at=10), arrived=10 + CLOCKS_APART)
    assert shown(found) == [(0, 10), (1, 10)]
