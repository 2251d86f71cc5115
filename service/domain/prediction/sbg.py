"""Shifted-beta-geometric: how long customers with a contract stay.

P. S. Fader, B. G. S. Hardie, How to Project Customer Retention, Journal of Interactive Marketing 21 (2007),
76-90. At the end of each period a customer leaves with a probability of its own, beta distributed over
customers (alpha, beta). So retention rises with tenure, because those most likely to leave are gone. Equation
numbers are those of the paper.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betaln

from service.domain.prediction.maximum import Maximum, maximize


class Sbg(NamedTuple):
    """The two parameters."""

    alpha: float
    beta: float


def log_survival(model: Sbg, periods: np.ndarray) -> np.ndarray:
    """Logarithm of S(t), the probability to renew at the end of each of the first `periods`: equation (6)."""
    survival: np.ndarray = betaln(model.alpha, model.beta + periods) - betaln(model.alpha, model.beta)
    return survival


def log_leaving(model: Sbg, period: np.ndarray) -> np.ndarray:
    """Logarithm of P(T = t), the probability to leave at the end of `period` (1, 2, ...): equation (5)."""
    leaving: np.ndarray = betaln(model.alpha + 1, model.beta + period - 1) - betaln(model.alpha, model.beta)
    return leaving


def expected_renewals(model: Sbg, renewals: np.ndarray, ahead: int) -> np.ndarray:
    """Expected renewals at the next `ahead` opportunities of customers who have renewed so often already.

    The sum of S(n + j) / S(n): Fader, Hardie, Customer-Base Valuation in a Contractual Setting, Marketing
    Science 29 (2010), 85-93, without discount.
    """
    coming = np.asarray(renewals)[..., None] + np.arange(1, ahead + 1)
    still = log_survival(model, coming) - log_survival(model, np.asarray(renewals))[..., None]
    expected: np.ndarray = np.exp(still).sum(axis=-1)
    return expected


def fit(left: np.ndarray, stayed: np.ndarray) -> Maximum:
    """The likeliest parameters. `left[t]`: how many left at the end of period t + 1; `stayed[t]`: of how many
    it is known that they renewed t times, and no more yet.

    Raises:
        NoFitError: the data do not determine them.
    """

    def total(parameters: np.ndarray) -> float:
        model = Sbg(*parameters.tolist())
        periods = np.arange(max(len(left), len(stayed)))
        gone = np.dot(left, log_leaving(model, periods[: len(left)] + 1))
        here = np.dot(stayed, log_survival(model, periods[: len(stayed)]))
        return float(gone + here)

    return maximize(total, (1.0, 1.0), endless=(1,))
