"""The plan past one machine: enough of everything, and no application larger than its summaries allow."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scale import plan
from benchmarks.scale.plan import BASE_BYTES, SIZES, SUMMARY_BYTES, Rates
from keeping import page

CUSTOMERS = {
    "1,000": {
        "events per CPU s": 1e5, "bytes a customer": 1_528, "peak, bytes": 1_910, "refresh takes s": 0.0024,
    },
    "200": {
        "events per CPU s": 2e5, "bytes a customer": 9_000, "peak, bytes": 9_000, "refresh takes s": 0.1,
    },
}  # fmt: skip
MIXED = {"orders only": {"events per CPU s": 1e5}, "mixed": {"events per CPU s": 8e4}}
FOUND = plan.rates(CUSTOMERS, MIXED)


def test_what_is_used_comes_from_the_most_customers_wherever_they_stand():
    assert pytest.approx((80_000, 1_000, 1.25, 2e-7)) == FOUND


def test_a_small_business_is_one_application_with_enough_workers_for_events_refresh_and_memory():
    one = plan.plan(1_000_000, FOUND)
    assert (one.customers, one.orders) == pytest.approx((1e7, 584_800_000))
    assert (one.by_events, one.by_refresh, one.by_memory) == (1, 4, 2)
    assert (one.applications, one.workers, one.partitions, one.brokers) == (1, 4, 8, 3)
    assert one.own_bytes == BASE_BYTES + 8 * 33 * SUMMARY_BYTES
    assert one.memory == 10**10 + 584_800_000 * 44 + 4 * one.own_bytes


@given(
    st.integers(1, 2 * 10**9),
    st.builds(
        Rates, st.floats(1e3, 1e6), st.floats(10.0, 5_000.0), st.floats(1.0, 2.0), st.floats(1e-9, 1e-6)
    ),
)
def test_no_application_has_more_partitions_than_can_be_merged_and_all_its_workers_have_time_and_room(
    events, found
):
    one = plan.plan(events, found)
    share = one.applications * one.workers
    assert 2 * one.workers <= one.partitions <= SIZES[-1]
    merging = one.partitions * plan.MERGE_SECONDS
    assert merging <= plan.MERGING * plan.REFRESH_CPU
    refresh = one.orders / share * found.refresh_seconds + merging
    assert refresh <= plan.REFRESH_CPU * (1 + 1e-9)
    state = one.customers * found.customer_bytes + one.orders * plan.ORDER_BYTES
    assert state / share * found.peak + one.own_bytes <= plan.WORKER_BYTES * (1 + 1e-9)
    assert one.busiest / share / found.events_per_cpu_second <= plan.LOAD * (1 + 1e-9)


def test_brokers_carry_the_summaries_that_all_workers_read():
    one = plan.plan(10**9, FOUND)
    assert one.read == one.workers * one.partitions * SUMMARY_BYTES / 300
    events = one.busiest * 700 * 3
    assert one.brokers == math.ceil((events + one.applications * one.read) / 50e6) > math.ceil(events / 50e6)


@pytest.mark.parametrize(("factor", "decides"), [(0.9, True), (1.1, False)])
def test_memory_decides_where_customers_do_less_than_the_turn_says(factor, decides, monkeypatch):
    monkeypatch.setattr(plan, "EVENTS_EACH", factor * plan.turn(FOUND))
    monkeypatch.setattr(plan, "SUMMARY_BYTES", 0.0)
    monkeypatch.setattr(plan, "MERGE_SECONDS", 0.0)
    one = plan.plan(10**7, FOUND)
    assert (one.by_memory > one.by_refresh) is decides


def test_where_a_refresh_costs_nothing_memory_always_decides():
    assert plan.turn(FOUND._replace(refresh_seconds=0.0)) == math.inf


def test_the_tables_find_their_marks_and_have_separators(tmp_path, monkeypatch):
    text = (page.DOCS / plan.FILE).read_text("utf-8")
    (tmp_path / plan.FILE).write_text(text, "utf-8")
    monkeypatch.setattr(page, "DOCS", tmp_path)
    plan.write(CUSTOMERS, MIXED)
    written = page.written(plan.NAME, plan.FILE)
    assert written.startswith("| used | value |")
    assert "| 1,000,000,000 | 10,000,000,000 | 584,800,000,000 | 46,296 |" in written
    one = plan.plan(10**9, FOUND)
    assert f"| {one.applications * one.partitions:,} |" in written
