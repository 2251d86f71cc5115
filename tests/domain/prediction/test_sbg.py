"""Shifted-beta-geometric against the paper's two examples, and scipy's beta-binomial."""

import numpy as np
import pytest
from scipy import stats

from service.domain.prediction import sbg
from service.domain.prediction.sbg import Sbg

HIGH_END, REGULAR = Sbg(0.668, 3.806), Sbg(0.704, 1.182)
# Of 1,000 customers, who left in each of seven years (table of the paper's appendix).
LOST = {HIGH_END: (131, 126, 90, 60, 42, 34, 26), REGULAR: (369, 163, 86, 56, 37, 27, 21)}
LOG_LIKELIHOOD = {HIGH_END: -1_611.2, REGULAR: -1_680.3}


@pytest.mark.parametrize("published", LOST)
def test_the_published_examples_are_found(published: Sbg) -> None:
    left = np.array(LOST[published], "f8")
    stayed = np.array([0, 0, 0, 0, 0, 0, 0, 1_000 - left.sum()])
    found = sbg.fit(left, stayed)
    assert found.parameters == pytest.approx(published, rel=0.002)
    assert found.log_likelihood == pytest.approx(LOG_LIKELIHOOD[published], abs=0.06)


@pytest.mark.parametrize("model", LOST)
def test_survival_is_a_beta_binomial_without_a_departure(model: Sbg) -> None:
    periods = np.arange(0, 40)
    survival = stats.betabinom(periods, model.alpha, model.beta).pmf(0)
    assert np.exp(sbg.log_survival(model, periods)) == pytest.approx(survival, rel=1e-9)
    leaving = np.exp(sbg.log_leaving(model, periods[1:]))
    assert leaving == pytest.approx(survival[:-1] - survival[1:], rel=1e-9)


def test_expected_renewals_are_those_of_a_simulation() -> None:
    rng = np.random.default_rng(7)
    chance = stats.beta(REGULAR.alpha, REGULAR.beta).rvs(400_000, random_state=rng)
    left_in = rng.geometric(chance)
    here = left_in[left_in > 3] - 3  # renewed three times
    expected = np.minimum(here - 1, 12).mean()
    assert sbg.expected_renewals(REGULAR, np.array([3]), 12)[0] == pytest.approx(expected, rel=0.005)


def test_cohorts_of_all_ages_are_fitted_together() -> None:
    """Customers of a known model, each seen for another time: the model comes back."""
    rng = np.random.default_rng(8)
    left_in = rng.geometric(stats.beta(1.5, 9.0).rvs(100_000, random_state=rng))
    seen = rng.integers(0, 30, 100_000)
    gone = left_in <= seen
    found = sbg.fit(np.bincount(left_in[gone])[1:], np.bincount(seen[~gone]))
    assert found.parameters == pytest.approx((1.5, 9.0), rel=0.05)
