"""Predicted lifetime value: what customers will bring in the next 365 days (definitions, section 6)."""

from collections.abc import Iterable, Iterator
from math import isfinite

import numpy as np

from schemas.currencies import exponent
from service.domain.metrics import recurring, tenures, value
from service.domain.metrics.customers import ORDERS, SUBSCRIPTION
from service.domain.metrics.fits import (
    BG_NBD,
    GAMMA_GAMMA,
    SBG,
    WEEK,
    Fit,
    Fits,
    buyers_of,
    by_months,
)
from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.tally import Moments, Tally
from service.domain.prediction import bg_nbd, gamma_gamma, sbg

MEAN = Metric(
    "predicted_ltv_mean",
    "Revenue expected of a customer in the next 365 days, mean over customers with an order (basis orders: "
    "BG/NBD x Gamma-Gamma) or paying now (basis subscription: sBG x MRR), major units.",
    ("basis", "currency"),
)
PURCHASES_MEAN = Metric(
    "predicted_purchases_mean",
    "Purchases (days with an order) expected of a customer in the next 365 days, mean over customers "
    "with an order.",
    ("currency",),
)
ALIVE_MEAN = Metric(
    "probability_alive_mean",
    "Probability that a customer will buy again some day, mean over customers with an order.",
    ("currency",),
)
_BY_MODEL = ("model", "currency")
PARAMETER = Metric(
    "prediction_parameter",
    "Parameters of the models behind predicted value, money in major units, time in weeks (bg_nbd) or "
    "months (sbg).",
    (*_BY_MODEL, "parameter"),
)
LOG_LIKELIHOOD = Metric(
    "prediction_log_likelihood", "Logarithm of the likelihood of the data under a fitted model.", _BY_MODEL
)
FITTED = Metric("prediction_customers", "Customers (sbg: tenures) that a model was fitted to.", _BY_MODEL)
FITTED_AT = Metric(
    "prediction_fitted_timestamp_seconds",
    "The as_of of the figures that a model was last fitted to, Unix seconds.",
    _BY_MODEL,
)
METRICS = (MEAN, PURCHASES_MEAN, ALIVE_MEAN, PARAMETER, LOG_LIKELIHOOD, FITTED, FITTED_AT)

AHEAD_WEEKS, AHEAD_MONTHS = 365 / WEEK, 12


def figures(tally: Tally, fits: Fits) -> Iterator[Figure]:
    """What the models in force say of the business, and the models themselves."""
    for (currency,) in tally[value.NET]:
        yield from _buying(tally, currency, fits)
    for (currency,) in tally[recurring.PAYING]:
        yield MEAN.figure((SUBSCRIPTION, currency), _staying(tally, currency, fits.get((SBG, currency))))
    for (model, currency), fit in fits.items():
        labels = (model, currency)
        yield LOG_LIKELIHOOD.figure(labels, fit.log_likelihood)
        yield FITTED.figure(labels, fit.customers)
        yield FITTED_AT.figure(labels, fit.as_of / 1e6)
        for name, parameter in zip(_NAMES[model], fit.parameters, strict=True):
            yield PARAMETER.figure((*labels, name), parameter)


_NAMES = {
    BG_NBD: bg_nbd.BgNbd._fields, GAMMA_GAMMA: gamma_gamma.GammaGamma._fields, SBG: sbg.Sbg._fields,
}  # fmt: skip


def _buying(tally: Tally, currency: str, fits: Fits) -> Iterator[Figure]:
    """Means over customers with an order; cell by cell, because value is spend times number of purchases."""
    expected = alive = worth = None
    fit, spending = fits.get((BG_NBD, currency)), fits.get((GAMMA_GAMMA, currency))
    buyers = buyers_of(tally, currency)
    if fit and buyers.cells:
        model = bg_nbd.BgNbd(*fit.parameters)
        people = (buyers.frequency, buyers.recency, buyers.age)
        coming = buyers.weights * bg_nbd.expected_purchases(model, *people, AHEAD_WEEKS)
        customers = buyers.weights.sum()
        expected = _number(coming.sum() / customers)
        alive = _number(np.dot(buyers.weights, bg_nbd.probability_alive(model, *people)) / customers)
        if spending:
            spend = _expected_spend(spending, buyers.cells.values(), currency)
            worth = _number(np.dot(coming.reshape(len(spend), -1).sum(axis=1), spend) / customers)
    yield MEAN.figure((ORDERS, currency), worth)
    yield PURCHASES_MEAN.figure((currency,), expected)
    yield ALIVE_MEAN.figure((currency,), alive)


def _expected_spend(fit: Fit, cells: Iterable[Moments], currency: str) -> np.ndarray:
    """What a purchase of the customers of each cell will be worth, major units."""
    customers, bought, *_, minor = np.array(list(cells), "f8").T
    mean = minor / np.maximum(bought, 1) / 10 ** exponent(currency)
    return gamma_gamma.expected_spend(gamma_gamma.GammaGamma(*fit.parameters), bought / customers, mean)


def _staying(tally: Tally, currency: str, fit: Fit | None) -> float | None:
    """Expected renewals x MRR of customers paying now, by how often they have renewed, per customer."""
    customers, monthly = (
        by_months(tally, metric, currency) for metric in (tenures.CUSTOMERS, tenures.MONTHLY)
    )
    if fit is None or not customers.sum():
        return None
    renewals = sbg.expected_renewals(sbg.Sbg(*fit.parameters), np.arange(len(monthly)), AHEAD_MONTHS)
    return _number(np.dot(renewals, monthly) / customers.sum() / 10 ** exponent(currency))


def _number(value: float) -> float | None:
    """A figure, or none where the model has no finite answer."""
    return float(value) if isfinite(value) else None
