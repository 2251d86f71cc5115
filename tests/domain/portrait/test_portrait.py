"""One customer against the oracle's account of the same events."""

from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.special import hyp2f1

from service.domain.metrics import Definitions, fit
from service.domain.metrics.fits import Fits
from service.domain.metrics.tally import Tally
from service.domain.portrait import Portrait, portrait
from service.domain.portrait.contracts import Contract
from service.domain.portrait.places import Place
from service.domain.records import Partition, deliver
from service.domain.records.customer import EVER
from service.domain.records.referrals import Home
from tests.domain.prediction.cdnow_sample import sample
from tests.oracle.agreement import decoded, summary_of_the_domain
from tests.oracle.businesses import business
from tests.oracle.instants import HOUR, instant, period
from tests.oracle.labels import Sheet
from tests.oracle.lives import Life
from tests.oracle.money import major
from tests.oracle.people import Person, gather
from tests.oracle.segments import SEGMENTS, segment_figures
from tests.oracle.test_predicted import contract, purchases

AS_OF = instant("2024-11-20T10:00:00Z")
UTC = ZoneInfo("UTC")


def records(events: list[dict], home: Home | None = None) -> Partition:
    partition = Partition(home=home)
    for event in events:
        partition.apply(decoded(event), EVER)
    deliver({0: partition})
    return partition


def told(
    partition: Partition,
    name: str,
    as_of: int = AS_OF,
    fits: Fits | None = None,
    business: Tally | None = None,
    definitions: Definitions | None = None,
) -> Portrait:
    customer = partition.customer(name)
    assert customer is not None
    credits = partition.credits_of(name)
    return portrait(customer, as_of, definitions or Definitions(), fits or {}, business or Tally(), credits)


@pytest.mark.parametrize("back", [0, 200, 700])
@pytest.mark.parametrize("seed", range(3))
def test_a_customer_is_told_as_the_oracle_does_at_any_instant(seed: int, back: int) -> None:
    as_of = AS_OF - back * 24 * HOUR
    events = business(seed, AS_OF, customers=40)
    partition = records(events)
    for name, person in gather(events, as_of).items():
        found = told(partition, name, as_of)
        assert found.signed_up_at == person.signed_up
        assert found.first_order_at == person.first_order()
        assert found.first_paid_at == person.first_paying()
        assert (found.channel or "-", found.first_plan or "-") == (person.channel or "-", person.first_plan)
        same_money(found, person)
        same_orders(found, person)
        assert [one.subscription_id for one in found.subscriptions] == sorted(person.lives)
        for one in found.subscriptions:
            same_life(one, person.lives[one.subscription_id], as_of)


@pytest.mark.parametrize("seed", range(2))
def test_segments_and_places_of_all_customers_are_those_of_the_business(seed: int) -> None:
    events = business(seed, AS_OF, customers=80)
    definitions, people = Definitions(referral_ranks=True), gather(events, AS_OF)
    partition, sums = records(events, lambda _: 0), summary_of_the_domain(events, AS_OF, definitions).tally
    found = {name: told(partition, name, business=sums, definitions=definitions) for name in people}
    sheet = Sheet()
    segment_figures(sheet, people, AS_OF, period("365d", AS_OF, UTC), UTC)
    for segment in SEGMENTS:
        count = len([name for name in people if found[name].segment == segment])
        assert count == sheet.figures["subpulse_customers_in_segment", frozenset({("segment", segment)})]
    for name, person in people.items():
        assert found[name].customers_referred == person.brought
        assert {place.currency for place in found[name].places} == person.net_revenue().keys()
        for place in found[name].places:
            same_place(place, person, [p for p in people.values() if place.currency in p.net_revenue()])


def same_place(found: Place, person: Person, buyers: list[Person]) -> None:
    def often(one: Person) -> int:
        return len([order for order in one.orders if order.currency == found.currency])

    def much(one: Person) -> Fraction:
        return one.net_revenue()[found.currency]

    better = {}

    def many(one: Person) -> int:
        return one.brought

    for name, value in (("frequency", often), ("revenue", much), ("referral", many)):
        better[name] = Fraction(len([p for p in buyers if value(p) < value(person)]), len(buyers))
    shares = found.frequency_better_than, found.revenue_better_than, found.referral_better_than
    assert shares == tuple(map(float, better.values()))
    assert found.leads_in == tuple(name for name, share in better.items() if share >= Fraction(4, 5))
    assert found.lags_in == tuple(name for name, share in better.items() if share < Fraction(2, 5))


def test_who_has_nobody_to_be_compared_with_has_no_segment_and_no_place() -> None:
    events = business(1, AS_OF, customers=20)
    found = [told(records(events), name) for name in gather(events, AS_OF)]
    assert {one.segment for one in found} == {None, "lost"}
    assert all(one.places == () for one in found)
    assert {one.customers_referred for one in found} == {None}  # nobody asked for ranks by referral


def same_money(found: Portrait, person: Person) -> None:
    assert {one.currency for one in found.value} == person.order_currencies
    for one in found.value:
        own = [order for order in person.orders if order.currency == one.currency]
        refunds = [refund.amount for refund in person.refunds if refund.currency == one.currency]
        assert one.orders == len(own)
        assert one.gross_revenue == float(sum(order.amount for order in own))
        assert one.net_revenue == float(sum(order.amount for order in own) - sum(refunds))
        assert one.refunded_revenue == float(sum(refunds))


def same_orders(found: Portrait, person: Person) -> None:
    counted = sorted((o.placed_at, o.amount, o.currency) for o in found.orders if o.cancelled_at is None)
    expected = [(o.at, float(o.amount), o.currency) for o in (*person.orders, *person.free_orders)]
    assert counted == sorted(expected)
    assert [o.placed_at for o in found.orders] == sorted((o.placed_at for o in found.orders), reverse=True)
    counting = [*found.refunds_of_unknown_orders]
    counting += [refund for order in found.orders if order.cancelled_at is None for refund in order.refunds]
    expected_refunds = [(r.at, float(major(r.minor, r.currency)), r.currency) for r in person.refunds]
    assert sorted((r.at, r.amount, r.currency) for r in counting) == sorted(expected_refunds)


def same_life(found: Contract, life: Life, as_of: int) -> None:
    now = life.at(as_of)
    live = now is not None and now.status is not None
    assert found.status == (now.status if now is not None and live else None)
    if live:
        assert now is not None
        last = found.history[-1]
        assert (last.plan, last.currency, last.scheduled_to_cancel) == (now.plan, now.currency, now.scheduled)
        assert last.mrr == float(now.mrr)
        assert found.ended_at is None
    for state in found.history:
        then = life.at(state.since)
        assert then is not None
        assert (then.status, then.plan, float(then.mrr)) == (state.status, state.plan, state.mrr)
    if found.ended_at is not None and any(state.mrr for state in found.history):
        assert (life.ends[-1].at, life.ends[-1].reason) == (found.ended_at, found.reason)


def test_a_cancellation_that_is_scheduled_and_a_trial_say_when() -> None:
    terms = {"plan": "pro", "price": {"minor": 1_000, "currency": "EUR"}, "interval": "month"}
    start = {"type": "subscription.started", "customer_id": "c", "occurred_at": "2024-11-01T00:00:00Z"}
    events = [
        {**start, "event_id": "1", "subscription_id": "a", **terms},
        {**start, "event_id": "2", "subscription_id": "b", **terms, "trial_ends_at": "2024-12-01T00:00:00Z"},
        {
            "type": "subscription.cancel_scheduled",
            "customer_id": "c",
            "occurred_at": "2024-11-10T00:00:00Z",
            "event_id": "3",
            "subscription_id": "a",
            "ends_at": "2024-11-30T00:00:00Z",
        },
    ]
    leaving, trying = told(records(events), "c").subscriptions
    assert (leaving.status, leaving.due_at) == ("active", instant("2024-11-30T00:00:00Z"))
    assert leaving.history[-1].scheduled_to_cancel
    assert (trying.status, trying.due_at) == ("trialing", instant("2024-12-01T00:00:00Z"))
    later = told(records(events), "c", instant("2024-12-02T00:00:00Z")).subscriptions
    assert [one.status for one in later] == [None, None]
    assert later[0].ended_at == instant("2024-11-30T00:00:00Z")


def test_probability_and_purchases_are_those_of_the_paper_for_every_customer_of_its_sample() -> None:
    """By equations (6) and (10) of Fader, Hardie, Lee (2005), written out here."""
    events, as_of = list(purchases(date(1997, 9, 30))), instant("1997-10-01T09:00:00Z")
    fits, _ = fit(summary_of_the_domain(events, as_of, Definitions()), Definitions())
    r, alpha, a, b = fits["bg_nbd", "USD"].parameters
    expected, t = [], 365 / 7
    for x, recency, age, *_ in np.array(sample()).T[::20]:
        gone = a / (b + x - 1) * ((alpha + age) / (alpha + recency)) ** (r + x) if x else 0.0
        coming = (a + b + x - 1) / (a - 1)
        ratio = ((alpha + age) / (alpha + age + t)) ** (r + x)
        coming *= 1 - ratio * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
        expected.append((1 / (1 + gone), coming / (1 + gone)))
    partition = records(events)
    names = list(dict.fromkeys(event["customer_id"] for event in events))[::20]
    found = [told(partition, name, as_of, fits).outlook[0] for name in names]
    assert [one.probability_alive for one in found] == pytest.approx([alive for alive, _ in expected])
    assert [one.purchases for one in found] == pytest.approx([coming for _, coming in expected])


def test_a_subscriber_is_worth_the_renewals_that_the_model_expects() -> None:
    lost = (369, 163, 86, 56, 37, 27, 21)
    months = [m for m, number in enumerate(lost, 1) for _ in range(number)] + [None] * 241
    events = [e for n, month in enumerate(months) for e in contract(f"c{n}", month)]
    as_of = instant("2025-08-11T12:00:00Z")
    fits, _ = fit(summary_of_the_domain(events, as_of, Definitions()), Definitions())
    alpha, beta = fits["sbg", "EUR"].parameters
    survival = np.cumprod([(beta + n) / (alpha + beta + n) for n in range(7 + 12)])
    expected = 10 * sum(survival[7 + n] / survival[6] for n in range(12))
    partition = records(events)
    (stays,) = told(partition, "c999", as_of, fits).outlook
    assert stays.value_of_renewals == pytest.approx(expected)
    assert told(partition, "c0", as_of, fits).outlook == ()
