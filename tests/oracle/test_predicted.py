"""Predicted value from events to figures: the papers' sample through the whole domain, and its bounds."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from service.domain.metrics import Definitions, Figure, Summary, fit, fits, outlook, view
from service.domain.metrics.fits import Fits
from service.domain.metrics.predicted import METRICS
from service.domain.prediction import bg_nbd, gamma_gamma
from tests.domain.prediction.cdnow_sample import lines, sample
from tests.oracle.agreement import summary_of_the_domain
from tests.oracle.businesses import business
from tests.oracle.instants import instant
from tests.oracle.telling import event

SAMPLE = sample()
EVERY = np.ones(len(SAMPLE.frequency))
AHEAD = 365 / 7
DEFINITIONS = Definitions(windows=("24h",))


def purchases(until: date) -> Iterator[dict]:
    """Lines of the sample as orders, one each; those of no value for a cent, so that all customers count."""
    for number, (customer, day, cents) in enumerate(lines()):
        if day <= until:
            money = {"minor": max(cents, 1), "currency": "USD"}
            yield event("order.placed", f"{day}T12:00:00Z", customer, order_id=f"o{number}", amount=money)


@pytest.fixture(scope="module")
def summary() -> Summary:
    events = list(purchases(date(1997, 9, 30)))
    return summary_of_the_domain(events, instant("1997-10-01T09:00:00Z"), DEFINITIONS)


@pytest.fixture(scope="module")
def figures(summary: Summary) -> dict[tuple[str, ...], float | None]:
    return by_labels(predicted(summary))


def predicted(summary: Summary, before: Fits | None = None) -> list[Figure]:
    fits, _ = fit(summary, DEFINITIONS, before)
    names = {metric.name for metric in METRICS}
    figures = view(summary, DEFINITIONS, fits).figures
    return [figure for figure in figures if figure.name.removeprefix("subpulse_") in names]


def by_labels(figures: list[Figure]) -> dict[tuple[str, ...], float | None]:
    return {
        (name.removeprefix("subpulse_"), *(value for _, value in labels)): figure
        for name, labels, figure in figures
    }


def test_the_parameters_of_the_papers_come_out_of_the_events(figures: dict) -> None:
    published = {
        "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
        "gamma_gamma": {"p": 6.25, "q": 3.74, "v": 15.44},
    }
    for model, parameters in published.items():
        for name, value in parameters.items():
            found = figures["prediction_parameter", model, "USD", name]
            assert found == pytest.approx(value, rel=0.01), (model, name)
    assert figures["prediction_customers", "bg_nbd", "USD"] == 2_357
    assert figures["prediction_customers", "gamma_gamma", "USD"] == 946
    assert figures["prediction_log_likelihood", "bg_nbd", "USD"] == pytest.approx(-9_582.4, abs=0.5)


def test_cells_cost_what_is_documented(figures: dict) -> None:
    """Against the likelihood of every single customer: parameters within 0.5 %, means within 0.5 %."""
    exact = bg_nbd.fit(SAMPLE.frequency, SAMPLE.recency, SAMPLE.age, EVERY)
    for name, value in zip(bg_nbd.BgNbd._fields, exact.parameters, strict=True):
        assert figures["prediction_parameter", "bg_nbd", "USD", name] == pytest.approx(value, rel=0.005)
    model = bg_nbd.BgNbd(*exact.parameters)
    people = (SAMPLE.frequency, SAMPLE.recency, SAMPLE.age)
    coming = bg_nbd.expected_purchases(model, *people, AHEAD)
    again = SAMPLE.frequency > 0
    money = gamma_gamma.fit(SAMPLE.frequency[again], SAMPLE.spend[again], EVERY[again])
    spend = gamma_gamma.expected_spend(
        gamma_gamma.GammaGamma(*money.parameters), SAMPLE.frequency, SAMPLE.spend
    )
    alive = bg_nbd.probability_alive(model, *people)
    assert figures["predicted_purchases_mean", "USD"] == pytest.approx(coming.mean(), rel=0.005)
    assert figures["probability_alive_mean", "USD"] == pytest.approx(alive.mean(), rel=0.005)
    assert figures["predicted_ltv_mean", "orders", "USD"] == pytest.approx((coming * spend).mean(), rel=0.005)


@pytest.mark.parametrize("partitions", [1, 7])
def test_partitions_change_nothing_at_all(summary: Summary, partitions: int) -> None:
    events = list(purchases(date(1997, 9, 30)))
    other = summary_of_the_domain(events, summary.as_of, DEFINITIONS, partitions=partitions, seed=3)
    assert predicted(other) == predicted(summary)


def test_the_day_that_is_not_over_changes_nothing(summary: Summary) -> None:
    later = list(purchases(date(1997, 10, 1)))
    end_of_day = summary_of_the_domain(later, instant("1997-10-01T23:59:59Z"), DEFINITIONS)
    assert len(later) > len(list(purchases(date(1997, 9, 30))))
    before, after = (
        {key: figure for key, figure in by_labels(predicted(found)).items() if "time" not in key[0]}
        for found in (summary, end_of_day)
    )
    assert before == after


def test_a_contract_is_worth_its_renewals_times_its_price() -> None:
    """1,000 customers of the paper's regular plan at 10 EUR a month, seven months on."""
    lost = (369, 163, 86, 56, 37, 27, 21)
    months = [m for m, number in enumerate(lost, 1) for _ in range(number)]
    months += [None] * (1_000 - len(months))
    events = [e for n, month in enumerate(months) for e in contract(f"c{n}", month)]
    found = summary_of_the_domain(events, instant("2025-08-11T12:00:00Z"), DEFINITIONS)
    figures = by_labels(predicted(found))
    alpha, beta = (figures["prediction_parameter", "sbg", "EUR", name] for name in ("alpha", "beta"))
    assert (alpha, beta) == pytest.approx((0.704, 1.182), rel=0.01)
    survival = np.cumprod([(beta + n) / (alpha + beta + n) for n in range(7 + 12)])  # equation (7)
    expected = 10 * sum(survival[7 + n] / survival[6] for n in range(12))
    assert figures["predicted_ltv_mean", "subscription", "EUR"] == pytest.approx(expected, rel=1e-9)
    found_fits, _ = fit(found, DEFINITIONS)
    assert outlook.of_subscriber(found_fits, "EUR", 7, 10.0) == pytest.approx(expected, rel=1e-9)


def contract(customer: str, ends_after: int | None) -> Iterator[dict]:
    begun = date(2025, 1, 10)
    terms = {"plan": "basic", "price": {"minor": 1_000, "currency": "EUR"}, "interval": "month"}
    yield event("subscription.started", f"{begun}T08:00:00Z", customer, subscription_id="s", **terms)
    if ends_after is not None:
        end = date(2025, 1 + ends_after, 10)
        yield event("subscription.ended", f"{end}T08:00:00Z", customer, subscription_id="s")


def test_the_outlook_of_each_customer_is_what_the_means_are_made_of(summary: Summary, figures: dict) -> None:
    found, _ = fit(summary, DEFINITIONS)
    outlooks = [
        outlook.of_buyer(found, "USD", *numbers)
        for numbers in zip(
            SAMPLE.frequency.astype(int),
            np.rint(7 * SAMPLE.recency).astype(int),
            np.rint(7 * (SAMPLE.age - SAMPLE.recency)).astype(int),
            np.rint(100 * SAMPLE.spend * SAMPLE.frequency).astype(int),
            strict=True,
        )
    ]
    alive, coming, worth = np.array(outlooks, "f8").T
    assert figures["probability_alive_mean", "USD"] == pytest.approx(alive.mean(), rel=0.005)
    assert figures["predicted_purchases_mean", "USD"] == pytest.approx(coming.mean(), rel=0.005)
    assert figures["predicted_ltv_mean", "orders", "USD"] == pytest.approx(worth.mean(), rel=0.005)
    assert outlook.of_buyer(found, "EUR", 1, 7, 7, 100) is None
    assert outlook.of_subscriber(found, "USD", 3, 10.0) is None


def test_whatever_happened_a_prediction_is_finite_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Businesses of a few customers, where one is enough to try."""
    monkeypatch.setattr(fits, "MINIMUM", 1)
    outcomes = set()
    for seed in range(6):
        now = instant("2024-11-20T10:00:00Z")
        found = summary_of_the_domain(business(seed, now, customers=4 * seed + 1), now, DEFINITIONS)
        outcomes |= {attempt.outcome for attempt in fit(found, DEFINITIONS)[1]}
        assert all(figure.value is None or np.isfinite(figure.value) for figure in predicted(found))
    assert outcomes >= {"fitted", "failed"}


def test_a_few_customers_are_no_ground_for_a_prediction() -> None:
    events = list(purchases(date(1997, 9, 30)))
    few = {e["customer_id"] for e in events[:60]}
    found = summary_of_the_domain(
        [e for e in events if e["customer_id"] in few], instant("1997-10-01T09:00:00Z"), DEFINITIONS
    )
    fits, attempts = fit(found, DEFINITIONS)
    assert not fits
    assert {(attempt.model, attempt.outcome) for attempt in attempts} == {
        ("bg_nbd", "too_few"), ("gamma_gamma", "too_few"),
    }  # fmt: skip
    assert by_labels(predicted(found)) == {
        ("predicted_ltv_mean", "orders", "USD"): None,
        ("predicted_purchases_mean", "USD"): None,
        ("probability_alive_mean", "USD"): None,
    }


def test_a_fit_that_fails_keeps_the_parameters_before(summary: Summary) -> None:
    """A second business in which nobody ever stops buying: its likelihood has no maximum."""
    before, _ = fit(summary, DEFINITIONS)
    begun = date(1997, 1, 1)
    orders = [
        event("order.placed", f"{begun + timedelta(days=day)}T08:00:00Z", f"c{n}", order_id=f"o{day}",
              amount={"minor": 500, "currency": "USD"})
        for n in range(100)
        for day in range(0, 270, 30)
    ]  # fmt: skip
    other = summary_of_the_domain(orders, instant("1997-10-01T09:00:00Z"), DEFINITIONS)
    alone, attempts = fit(other, DEFINITIONS)
    assert {attempt.outcome for attempt in attempts} == {"failed"}
    assert not alone
    assert fit(other, DEFINITIONS, before) == (before, attempts)
    assert by_labels(predicted(other, before))["predicted_ltv_mean", "orders", "USD"] is not None
