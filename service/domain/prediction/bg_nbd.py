"""BG/NBD: how often customers without a contract buy, and when they are gone for good.

P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24 (2005), 275-284. While alive, a customer buys at random at a rate that
is gamma distributed over customers (r, alpha); after each repeat purchase it leaves with a probability that
is beta distributed (a, b). Equation numbers are those of the paper.

Everywhere: `frequency` is the number of repeat purchases, `recency` the time from the first to the last one,
and `age` the time from the first purchase to the end of observation, in the unit of time of alpha.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, betaln, expit, gammaln, hyp2f1, roots_legendre

from service.domain.prediction.maximum import Maximum, maximize

_APART = 1e-5  # how far a is kept from 1, where equation (10) is a limit


class BgNbd(NamedTuple):
    """The four parameters."""

    r: float
    alpha: float
    a: float
    b: float


def log_likelihood(model: BgNbd, frequency: np.ndarray, recency: np.ndarray, age: np.ndarray) -> np.ndarray:
    """The logarithm of equation (6), customer by customer."""
    r, alpha, a, b = model
    bought = gammaln(r + frequency) - gammaln(r) + r * np.log(alpha)
    stayed = betaln(a, b + frequency) - betaln(a, b)
    alive = -(r + frequency) * np.log(alpha + age)
    density: np.ndarray = (
        bought + stayed + np.logaddexp(alive, alive + _log_odds_gone(model, frequency, recency, age))
    )
    return density


def probability_alive(
    model: BgNbd, frequency: np.ndarray, recency: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """P(alive) at the end of observation (Fader, Hardie 2008, Computing P(alive) Using the BG/NBD Model)."""
    alive: np.ndarray = expit(-_log_odds_gone(model, frequency, recency, age))
    return alive


def age_at_probability(
    model: BgNbd, frequency: np.ndarray, recency: np.ndarray, probability: float
) -> np.ndarray:
    """From which age on P(alive) is at most this, if nothing is bought; infinite for who never came back."""
    r, alpha, a, b = model
    came_back = frequency > 0
    times = np.where(came_back, frequency, 1)
    odds_gone = np.log((1 - probability) / probability) - np.log(a / (b + times - 1))
    with np.errstate(over="ignore"):
        age = (alpha + recency) * np.exp(odds_gone / (r + times)) - alpha
    return np.where(came_back, np.maximum(age, recency), np.inf)


def expected_purchases(
    model: BgNbd, frequency: np.ndarray, recency: np.ndarray, age: np.ndarray, ahead: float
) -> np.ndarray:
    """Expected purchases in the time `ahead` after the end of observation: equation (10).

    Its Gaussian hypergeometric function is taken after Euler's transformation, so that its first two
    arguments stay small however often a customer has bought. Where even so it is out of reach (a far above
    100), the expectation is integrated over who leaves how soon.
    """
    r, alpha, a, b = model
    if abs(a - 1) < _APART:
        a = 1 + _APART
    share = ahead / (alpha + age + ahead)
    with np.errstate(all="ignore"):
        left = np.exp((a - 1) * np.log1p(-share)) * hyp2f1(a + b - 1 - r, a - 1, a + b + frequency - 1, share)
    expected: np.ndarray = (a + b + frequency - 1) / (a - 1) * (1 - left)
    if len(lost := np.flatnonzero(~np.isfinite(expected))):
        expected[lost] = _integrated(model, frequency[lost], age[lost], ahead)
    expected *= probability_alive(model, frequency, recency, age)
    return expected


def _integrated(model: BgNbd, frequency: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
    """Expected purchases of who is alive: (1 - E exp(-rate p t)) / p, over the posterior of p, by
    quantiles."""
    r, alpha, a, b = model
    nodes, weights = roots_legendre(64)
    leaving = np.maximum(betaincinv(a, b + frequency[:, None], (nodes + 1) / 2), 1e-300)
    shape, reach = (r + frequency)[:, None], (ahead / (alpha + age))[:, None]
    coming: np.ndarray = -np.expm1(-shape * np.log1p(leaving * reach)) / leaving
    expected: np.ndarray = coming @ weights / 2
    return expected


def _log_odds_gone(model: BgNbd, frequency: np.ndarray, recency: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Logarithm of P(gone) / P(alive); who never came back cannot have left."""
    r, alpha, a, b = model
    came_back = frequency > 0
    left = np.log(a / (b + np.where(came_back, frequency, 1) - 1))
    longer = np.log(alpha + age) - np.log(alpha + recency)
    return np.where(came_back, left + (r + frequency) * longer, -np.inf)


def fit(frequency: np.ndarray, recency: np.ndarray, age: np.ndarray, customers: np.ndarray) -> Maximum:
    """The likeliest parameters; each row stands for so many `customers`.

    Raises:
        NoFitError: the data do not determine them.
    """
    typical = float(np.average(age, weights=customers)) or 1.0

    def total(parameters: np.ndarray) -> float:
        model = BgNbd(*parameters.tolist())
        return float(np.dot(customers, log_likelihood(model, frequency, recency, age)))

    return maximize(total, (1.0, typical, 1.0, 1.0), endless=(3,))
