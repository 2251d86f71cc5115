"""Gamma-Gamma: what a customer's purchases are worth on average, judged by the few that were seen.

P. S. Fader, B. G. S. Hardie, The Gamma-Gamma Model of Monetary Value (2013),
http://www.brucehardie.com/notes/025/. A customer's purchases are gamma distributed around its own mean (shape
p); the means vary over customers (q, v). Spend is taken to be independent of how often a customer buys.

Everywhere: `frequency` is the number of repeat purchases, `spend` their mean value (above 0 where there are
any), in the unit of money of v. The first purchase is left out, as in the note.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betaln

from service.domain.prediction.maximum import Maximum, maximize


class GammaGamma(NamedTuple):
    """The three parameters (the note writes gamma for v)."""

    p: float
    q: float
    v: float


def log_likelihood(model: GammaGamma, frequency: np.ndarray, spend: np.ndarray) -> np.ndarray:
    """The logarithm of equation (1a), customer by customer; all with at least one repeat purchase."""
    p, q, v = model
    shape, total = p * frequency, spend * frequency
    density: np.ndarray = (
        -betaln(shape, q)
        + q * np.log(v)
        + (shape - 1) * np.log(spend)
        + shape * np.log(frequency)
        - (shape + q) * np.log(v + total)
    )
    return density


def expected_spend(model: GammaGamma, frequency: np.ndarray, spend: np.ndarray) -> np.ndarray:
    """The expected value of a customer's next purchase: equation (5), between the own mean and that of all.

    Not a number where p x frequency + q is 1 or less: then it is infinite.
    """
    p, q, v = model
    known = p * frequency + q - 1
    expected: np.ndarray = np.where(known > 0, p * (v + frequency * spend) / known, np.nan)
    return expected


def fit(frequency: np.ndarray, spend: np.ndarray, customers: np.ndarray) -> Maximum:
    """The likeliest parameters; each row stands for so many `customers` with at least one repeat purchase.

    Raises:
        NoFitError: the data do not determine them.
    """
    typical = float(np.average(spend, weights=customers))

    def total(parameters: np.ndarray) -> float:
        model = GammaGamma(*parameters.tolist())
        return float(np.dot(customers, log_likelihood(model, frequency, spend)))

    return maximize(total, (2.0, 2.0, typical))
