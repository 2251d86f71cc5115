"""When a worker is ready, and what it says when it is not."""

import time
from dataclasses import replace

import pytest

from service.exposition.health import Patience, document
from service.stream.status import Status
from tests.exposition.showing import healthy

PATIENCE = Patience(broker=15.0, commit=20.0, refresh=30.0)


def test_a_worker_that_does_its_part_is_ready() -> None:
    told = document(healthy(), PATIENCE)
    assert told["ready"] is True
    assert told["reasons"] == []
    assert told["partitions"] == [0, 3]


def test_a_worker_to_spare_is_ready_without_partitions() -> None:
    assert document(replace(healthy(), assigned=frozenset()), PATIENCE)["ready"] is True


def test_a_worker_that_just_began_says_what_it_waits_for() -> None:
    told = document(Status(phase="waiting for the broker"), PATIENCE)
    assert told["ready"] is False
    assert told["reasons"] == [
        "no partitions have been assigned yet: waiting for the broker",
        "the broker has not answered for as long as this worker runs",
    ]
    assert told["seconds_since"] == {"broker_answered": None, "committed": None, "refreshed": None}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"assigned": None}, "no partitions have been assigned yet"),
        ({"recovered": False, "phase": "recovering"}, "is not there yet: recovering"),
        ({"recovered": False, "phase": "joining the group"}, "is not there yet: joining the group"),
        ({"phase": "stopping"}, "the worker is stopping"),
        ({"phase": "stopping", "recovered": False, "broker_seen_at": -99.0}, "the worker is stopping"),
        ({"broker_seen_at": -16.0}, "the broker has not answered for 16 s"),
        ({"committed_at": -21.0}, "nothing has been committed for 21 s, while records wait"),
        ({"refreshed_at": -31.0}, "no figures have been computed for 31 s"),
        ({"refresh_failed": "KeyError", "refreshed_at": -31.0}, "cannot be computed (KeyError; the log"),
    ],
)
def test_one_thing_amiss_is_one_reason(changed: dict, reason: str) -> None:
    now = time.monotonic()
    changed = {name: now + value if isinstance(value, float) else value for name, value in changed.items()}
    told = document(replace(healthy(), **changed), PATIENCE)
    assert told["ready"] is False
    assert len(told["reasons"]) == 1
    assert reason in told["reasons"][0]


def test_a_worker_that_is_stopping_does_not_get_ready_again() -> None:
    status = healthy()
    status.enter("stopping")
    status.enter("running")  # a recovery that was under way has come to its end
    told = document(status, PATIENCE)
    assert (told["ready"], told["phase"]) == (False, "stopping")


@pytest.mark.parametrize("never", ["committed_at", "refreshed_at"])
def test_who_has_just_taken_partitions_is_given_time(never: str) -> None:
    just = {"taken_at": time.monotonic() - 1, never: None}
    assert document(replace(healthy(), **just), PATIENCE)["ready"] is True
    long_ago = {"taken_at": time.monotonic() - 31, never: None}
    assert document(replace(healthy(), **long_ago), PATIENCE)["ready"] is False


def test_who_needs_long_for_its_figures_is_given_three_times_that() -> None:
    slow = replace(healthy(), refreshed_at=time.monotonic() - 100, refresh_every=40.0)
    assert document(slow, PATIENCE)["ready"] is True
    assert document(replace(slow, refresh_every=30.0), PATIENCE)["ready"] is False


def test_patience_grows_with_the_intervals() -> None:
    assert Patience.of(15, 5, 1) == Patience(15, 15, 15)
    assert Patience.of(15, 60, 10) == Patience(15, 50, 180)
