"""Gamma-Gamma against the package lifetimes on the same data, and against its story told by scipy."""

import numpy as np
import pytest
from lifetimes import GammaGammaFitter
from scipy import integrate, stats

from service.domain.prediction import gamma_gamma
from service.domain.prediction.gamma_gamma import GammaGamma
from tests.domain.prediction.cdnow_sample import sample

SAMPLE = sample()
AGAIN = SAMPLE.frequency > 0
PAPER = GammaGamma(6.25, 3.74, 15.44)


@pytest.fixture(scope="module")
def fitted() -> GammaGamma:
    customers = np.ones(np.count_nonzero(AGAIN))
    return GammaGamma(*gamma_gamma.fit(SAMPLE.frequency[AGAIN], SAMPLE.spend[AGAIN], customers).parameters)


def test_the_parameters_of_the_note_are_found(fitted: GammaGamma) -> None:
    assert fitted == pytest.approx(PAPER, rel=0.002)


def test_the_package_lifetimes_finds_the_same(fitted: GammaGamma) -> None:
    theirs = GammaGammaFitter()
    theirs.fit(SAMPLE.frequency[AGAIN], SAMPLE.spend[AGAIN])
    assert fitted == pytest.approx(tuple(theirs.params_[["p", "q", "v"]]), rel=0.001)
    expected = theirs.conditional_expected_average_profit(SAMPLE.frequency[AGAIN], SAMPLE.spend[AGAIN])
    found = gamma_gamma.expected_spend(fitted, SAMPLE.frequency[AGAIN], SAMPLE.spend[AGAIN])
    assert found == pytest.approx(np.asarray(expected), rel=0.001)


@pytest.mark.parametrize("model", [PAPER, GammaGamma(0.8, 2.2, 40.0)])
@pytest.mark.parametrize(("frequency", "spend"), [(1, 5.0), (3, 20.0), (12, 200.0)])
def test_likelihood_and_expected_spend_are_those_of_the_story(
    model: GammaGamma, frequency: int, spend: float
) -> None:
    """A customer's scale is drawn from a gamma, the mean of its purchases from a gamma of that scale."""
    scales = stats.gamma(model.q, scale=1 / model.v)

    def seen(scale: float) -> float:
        shape = model.p * frequency
        return float(stats.gamma(shape, scale=1 / (scale * frequency)).pdf(spend) * scales.pdf(scale))

    likelihood = integrate.quad(seen, 0, np.inf, limit=200)[0]
    mean = integrate.quad(lambda scale: model.p / scale * seen(scale), 0, np.inf, limit=200)[0] / likelihood
    numbers = (np.array([frequency], "f8"), np.array([spend]))
    assert gamma_gamma.log_likelihood(model, *numbers)[0] == pytest.approx(np.log(likelihood), abs=1e-6)
    assert gamma_gamma.expected_spend(model, *numbers)[0] == pytest.approx(mean, rel=1e-6)


def test_of_who_never_came_back_the_mean_of_all_is_expected() -> None:
    nothing = np.array([0.0])
    assert gamma_gamma.expected_spend(PAPER, nothing, nothing)[0] == pytest.approx(6.25 * 15.44 / 2.74)


def test_an_infinite_mean_is_no_number() -> None:
    heavy = GammaGamma(2.0, 0.9, 10.0)
    expected = gamma_gamma.expected_spend(heavy, np.array([0.0, 2.0]), np.array([0.0, 7.0]))
    assert np.isnan(expected[0])
    assert np.isfinite(expected[1])
