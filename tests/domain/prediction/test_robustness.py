"""Whatever the data, a fit is a finite one or none."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.prediction import bg_nbd, gamma_gamma, sbg
from service.domain.prediction.maximum import Maximum, NoFitError, maximize
from service.domain.prediction.points import points_of

some = settings(max_examples=12, deadline=None)
counts = st.lists(st.integers(0, 2_000), min_size=1, max_size=8)
customers = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 2_000), st.integers(0, 2_000), st.integers(1, 10**6)),
    min_size=1,
    max_size=12,
)


def found(fit: Callable[[], Maximum]) -> Maximum | None:
    try:
        return fit()
    except NoFitError:
        return None


@some
@given(customers)
def test_any_purchases_give_a_finite_model_or_none(rows: list[tuple[int, int, int, int]]) -> None:
    frequency, recency, gap, weight = np.array(rows, "f8").T
    recency = np.where(frequency > 0, recency, 0) / 7
    age = recency + gap / 7
    fit = found(lambda: bg_nbd.fit(frequency, recency, age, weight))
    if fit is not None:
        model = bg_nbd.BgNbd(*fit.parameters)
        assert np.isfinite([*fit.parameters, fit.log_likelihood]).all()
        alive = bg_nbd.probability_alive(model, frequency, recency, age)
        coming = bg_nbd.expected_purchases(model, frequency, recency, age, 52.0)
        assert ((alive >= 0) & (alive <= 1)).all()
        most = (model.r + frequency) / (model.alpha + age) * 52.0
        assert (coming >= -1e-6 * most).all()
        assert (coming <= most * (1 + 1e-6)).all()


@some
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 2**53), st.integers(1, 10**6)), min_size=1))
def test_any_spend_gives_a_finite_model_or_none(rows: list[tuple[int, int, int]]) -> None:
    frequency, spend, weight = np.array(rows, "f8").T
    fit = found(lambda: gamma_gamma.fit(frequency, spend / 100, weight))
    if fit is not None:
        model = gamma_gamma.GammaGamma(*fit.parameters)
        expected = gamma_gamma.expected_spend(model, frequency, spend / 100)
        finite = model.p * frequency + model.q > 1
        assert (expected[finite] > 0).all()
        assert np.isnan(expected[~finite]).all()


@some
@given(counts, counts)
def test_any_tenures_give_a_finite_model_or_none(left: list[int], stayed: list[int]) -> None:
    fit = found(lambda: sbg.fit(np.array(left), np.array(stayed)))
    if fit is not None:
        renewals = sbg.expected_renewals(sbg.Sbg(*fit.parameters), np.arange(10), 12)
        assert ((renewals > 0) & (renewals < 12)).all()


@pytest.mark.parametrize(
    ("frequency", "recency", "age"),
    [([0, 0], [0, 0], [9, 30]), ([5, 5], [20, 20], [20, 20]), ([3], [10], [40])],
    ids=["nobody came back", "all alike and alive", "one history"],
)
def test_data_that_tell_nothing_give_no_model(frequency: list, recency: list, age: list) -> None:
    with pytest.raises(NoFitError):
        bg_nbd.fit(*(np.array(n, "f8") for n in (frequency, recency, age)), np.full(len(age), 50.0))


def test_who_never_leaves_gives_no_model() -> None:
    with pytest.raises(NoFitError):
        sbg.fit(np.zeros(3), np.array([100.0, 100.0, 100.0]))


def test_customers_who_all_leave_at_the_same_rate_have_a_model() -> None:
    """One in five leaves at the end of every period: the beta distribution is as narrow as can be."""
    left = 100_000 * 0.2 * 0.8 ** np.arange(6)
    fit = sbg.fit(left, np.array([0, 0, 0, 0, 0, 0, 100_000 - left.sum()]))
    renewals = sbg.expected_renewals(sbg.Sbg(*fit.parameters), np.arange(4), 12)
    assert renewals == pytest.approx(sum(0.8**n for n in range(1, 13)), rel=1e-3)


def test_buyers_who_all_leave_at_the_same_rate_have_a_model() -> None:
    """Rates as gamma has them, and after each purchase one in ten is gone."""
    dice = np.random.default_rng(5)
    rows = [history(dice, rate) for rate in dice.gamma(1.0, 1 / 10, 4_000)]
    frequency, recency = np.array(rows).T
    fit = bg_nbd.fit(frequency, recency, np.full(4_000, 100.0), np.ones(4_000))
    model = bg_nbd.BgNbd(*fit.parameters)
    assert model.a / (model.a + model.b) == pytest.approx(0.1, rel=0.1)
    assert np.isfinite(
        bg_nbd.expected_purchases(model, frequency, recency, np.full(4_000, 100.0), 52.0)
    ).all()


def history(dice: np.random.Generator, rate: float) -> tuple[int, float]:
    """How often a customer came back within 100 weeks, and when for the last time."""
    bought, last, at = 0, 0.0, dice.exponential(1 / rate)
    while at <= 100:
        bought, last = bought + 1, at
        if dice.random() < 0.1:
            break
        at += dice.exponential(1 / rate)
    return bought, last


def test_a_likelihood_that_grows_for_ever_is_no_fit_even_where_a_parameter_may_be_endless() -> None:
    with pytest.raises(NoFitError, match="without limit"):
        maximize(lambda parameters: float(np.log(parameters[0])), (1.0,), endless=(0,))


def test_a_likelihood_without_a_maximum_is_no_fit() -> None:
    with pytest.raises(NoFitError, match="without limit"):
        maximize(lambda parameters: float(np.log(parameters[0])), (1.0,))


def test_a_likelihood_that_is_no_number_is_no_fit() -> None:
    with pytest.raises(NoFitError, match="not a number"):
        maximize(lambda parameters: float("nan"), (1.0, 2.0))


@some
@given(
    st.lists(
        st.lists(st.tuples(*[st.integers(0, 2_000)] * 3), min_size=1, max_size=9), min_size=1, max_size=4
    )
)
def test_points_have_the_mean_and_the_covariance_of_their_cells(cells: list[list[tuple[int, ...]]]) -> None:
    packed = []
    for cell in cells:
        rows = np.array(cell)
        products = [int((rows[:, i] * rows[:, j]).sum()) for i in range(3) for j in range(i, 3)]
        packed.append((len(cell), *rows.sum(axis=0).tolist(), *products))
    weights, numbers = points_of(packed, 3)
    for place, cell in enumerate(cells):
        own = slice(6 * place, 6 * place + 6)
        points = np.array([number[own] for number in numbers])
        assert weights[own].sum() == pytest.approx(len(cell))
        assert points.mean(axis=1) == pytest.approx(np.mean(cell, axis=0), abs=1e-6)
        spread = np.cov(np.array(cell).T, bias=True)
        assert np.cov(points, bias=True) == pytest.approx(spread, abs=1e-3)
