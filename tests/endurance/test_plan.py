"""The same seed brings the same events and the same faults."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.endurance.events import load
from tests.endurance.kinds import KINDS, KINDS_OF_A_CLUSTER
from tests.endurance.plan import Plan
from tests.endurance.schedule import FIRST, QUIET, schedule

PLAN = Plan(7, 2.0, rate=30)


def test_the_same_seed_brings_the_same_storm_and_another_another() -> None:
    other = replace(PLAN, seed=8)
    assert (PLAN.faults, PLAN.load) == (replace(PLAN).faults, replace(PLAN).load)
    assert other.faults != PLAN.faults
    assert other.load != PLAN.load


def test_every_kind_of_fault_comes_before_any_comes_again() -> None:
    faults = schedule(3, 600)
    assert {fault.kind for fault in faults[: len(KINDS)]} == set(KINDS)
    times = [fault.at for fault in faults]
    assert times == sorted(times)
    assert times[0] >= FIRST
    assert times[-1] <= 600 - QUIET


def test_a_cluster_of_brokers_has_faults_of_its_own() -> None:
    found = {fault.kind for fault in replace(PLAN, brokers=3).faults}
    assert found == set(KINDS_OF_A_CLUSTER)


def test_a_long_storm_is_several_that_can_be_had_again_alone() -> None:
    parts = Plan(10, 12.0).parts()
    assert [(part.seed, part.minutes) for part in parts] == [(10, 5.0), (11, 5.0), (12, 2.0)]
    assert parts[1].faults == Plan(11, 5.0).faults


def test_all_types_of_events_and_all_reasons_are_sent() -> None:
    made = load(1, 3_000)
    text = b"".join(sent.value or b"" for sent in made.first + made.last if sent.reason is None)
    for name in ("order.refunded", "subscription.paused", "customer.invited", "spend.recorded"):
        assert name.encode() in text
    reasons = Counter(sent.reason for sent in made.first)
    assert {"tombstone", "not_json", "wrong_partition", "too_large", "key_mismatch"} <= reasons.keys()
    assert any(b"customer.erased" in (sent.value or b"") for sent in made.last)
    assert len(set(made.first)) < len(made.first)  # some come twice


@pytest.mark.parametrize("count", [1_000, 5_000])
def test_about_as_many_events_are_made_as_are_asked_for(count: int) -> None:
    assert len(load(2, count).first) == pytest.approx(count, rel=0.2)
