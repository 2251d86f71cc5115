"""What definitions.md promises of every figure, whatever happens to the events on their way."""

from fractions import Fraction
from operator import itemgetter
from random import Random
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas import fast
from service.domain.facts import Facts
from service.domain.metrics import Definitions, Summary, recurring, revenue, view
from service.domain.metrics.windows import resolve
from service.domain.records import Limits, Outcome, Partition
from tests.domain.events import (
    AS_OF,
    DAY,
    EVER,
    added,
    applied,
    figures,
    histories,
    named,
    order_events,
    split,
    summary,
    without_erasures,
)

thorough = settings(max_examples=150, deadline=None)


@thorough
@given(histories.map(without_erasures), st.data())
def test_any_order_and_repetition_of_events_gives_the_same_figures(
    history: list[Any], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=10)) if history else []
    arrived = data.draw(st.permutations([*history, *again]))
    assert figures(arrived) == figures(history)


@thorough
@given(histories, st.lists(st.integers(0, 3), min_size=8, max_size=8), st.randoms(use_true_random=False))
def test_any_split_into_partitions_gives_the_same_figures(
    history: list[Any], homes: list[int], chance: Any
) -> None:
    names = {name: homes[n] for n, name in enumerate(["ann", "bob", "cy", "ads"])}
    summaries = [summary(partition) for partition in split(history, names.__getitem__)]
    chance.shuffle(summaries)
    assert added(summaries) == figures(history)


@thorough
@given(histories.map(without_erasures), st.integers(0, 400))
def test_events_after_as_of_do_not_count(history: list[Any], days: int) -> None:
    as_of = AS_OF - days * DAY
    until = [event for event in history if event.occurred_at <= as_of]
    assert figures(history, as_of) == figures(until, as_of)


@thorough
@given(histories)
def test_retention_and_churn_are_one(history: list[Any]) -> None:
    values = {(f.name, f.labels): f.value for f in figures(history).figures}
    for (name, labels), churn in values.items():
        if name == "subpulse_churn_ratio":
            retention = values["subpulse_retention_ratio", labels]
            assert (churn is None) == (retention is None)
            assert churn is None or abs(churn + retention - 1) < 1e-12
            assert churn is None or 0 <= churn <= 1


@thorough
@given(histories)
def test_customers_at_end_are_those_retained_new_and_reactivated(history: list[Any]) -> None:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for name, labels, value in figures(history).figures:
        by = dict(labels)
        if name.startswith("subpulse_customers_") and "basis" in by:
            of = counts.setdefault((by["basis"], by["window"]), {})
            of[name[19:]] = of.get(name[19:], 0) + int(value or 0)
    for of in counts.values():
        assert of.get("at_end", 0) == of.get("retained", 0) + of.get("new", 0) + of.get("reactivated", 0)
        assert of.get("at_start", 0) == of.get("retained", 0) + of.get("churned", 0)


@thorough
@given(histories)
def test_the_mrr_movements_close_exactly(history: list[Any]) -> None:
    tally = summary(applied(history)).tally
    now: dict[str, Fraction] = {}
    for (_, currency), monthly in tally[recurring.MRR].items():
        now[currency] = now.get(currency, Fraction(0)) + monthly
    for (window, currency), start in tally[recurring.AT_START].items():
        if resolve(window, AS_OF, "UTC").end == AS_OF + 1:
            new, back, more, less, lost = (
                tally.get(recurring.MOVEMENT, window, currency, k) for k in recurring.KINDS
            )
            assert start + new + back + more - less - lost == now.get(currency, 0)


@thorough
@given(st.lists(order_events, max_size=30).map(named))
def test_money_is_exact_until_the_last_division(events: list[Any]) -> None:
    placed = [e for e in events if isinstance(e, fast.OrderPlaced)]
    assume(len({(e.customer_id, e.order_id) for e in placed}) == len(placed))
    cancelled = {
        (e.customer_id, e.order_id)
        for e in events
        if isinstance(e, fast.OrderCancelled) and e.occurred_at <= AS_OF
    }
    start = resolve("365d", AS_OF, "UTC").start
    tally = summary(applied(events)).tally
    for currency in ("EUR", "JPY"):
        expected = sum(
            e.amount.minor
            for e in placed
            if e.amount.currency == currency
            and start <= e.occurred_at <= AS_OF
            and (e.customer_id, e.order_id) not in cancelled
        )
        found = [tally.get(revenue.GROSS, "365d", currency, customer) for customer in ("existing", "new")]
        assert sum(found) == expected


@thorough
@given(histories, st.data())
def test_figures_do_not_depend_on_when_records_are_drawn(history: list[Any], data: st.DataObject) -> None:
    partition, facts = Partition(), Facts()
    for event in history:
        partition.apply(event, EVER)
        if data.draw(st.integers(0, 3)) == 0:
            facts.update(partition.draw())
    assert view(summary(partition, facts=facts), Definitions()) == figures(history)


@thorough
@given(histories, st.data())
def test_facts_that_were_lost_are_made_anew_of_all_records(history: list[Any], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(history)))
    partition, limit = applied(history[:cut]), data.draw(st.sampled_from([None, 1, 3]))
    partition.draw()  # into facts that are lost before they are used
    partition.undraw()
    facts = Facts()
    for event in history[cut:]:
        partition.apply(event, EVER)
        facts.update(partition.draw(limit))
    assert view(summary(partition, facts=facts), Definitions()) == figures(history)


@thorough
@given(
    st.lists(order_events, min_size=8, max_size=30).map(named) | histories,
    st.integers(0, 15),
    st.integers(0, 400).map(lambda days: AS_OF - days * DAY),
)
def test_many_events_at_once_become_what_they_become_one_by_one(
    history: list[Any], first: int, horizon: int
) -> None:
    limits = Limits(orders=4, transitions=2)
    together, single = (Partition(limits, chance=Random(0).randbytes) for _ in range(2))
    for events, reach in ((history[:first], EVER), (history[first:], horizon)):
        outcomes: list[Outcome] = []
        together.apply_all(events, reach, outcomes)
        assert outcomes == [single.apply(event, reach) for event in events]
    assert (together.watermark, together.late) == (single.watermark, single.late)
    by_key = itemgetter(0)  # of one key the order stays: who comes back has a deletion before the rest
    assert sorted(together.changes(), key=by_key) == sorted(single.changes(), key=by_key)


@thorough
@given(histories)
def test_a_summary_survives_its_bytes(history: list[Any]) -> None:
    made = summary(applied(history))
    assert Summary.unpack(made.pack()).tally.sums == dict(made.tally.sums)
    assert Summary.unpack(made.pack()) == made
