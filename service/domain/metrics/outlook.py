"""What is to be expected of one customer, by the models that were fitted to all."""

from typing import NamedTuple

import numpy as np

from schemas.currencies import exponent
from service.domain.metrics.fits import BG_NBD, GAMMA_GAMMA, SBG, WEEK, Fits
from service.domain.metrics.predicted import AHEAD_MONTHS, AHEAD_WEEKS
from service.domain.prediction import bg_nbd, gamma_gamma, sbg


class Outlook(NamedTuple):
    """Of a customer who buys; `value` in major units, None where no model of spend is there."""

    probability_alive: float
    purchases: float  # expected in the next 365 days
    value: float | None


def of_buyer(fits: Fits, currency: str, frequency: int, recency: int, gap: int, spend: int) -> Outlook | None:
    """The outlook of a customer with so many repeat purchases in a currency; None without a model.

    `recency`: days from the first purchase to the last; `gap`: days from the last one to yesterday; `spend`:
    minor units of all repeat purchases together (a purchase is a day with an order: see `purchases.Buying`).
    """
    if (BG_NBD, currency) not in fits:
        return None
    model = bg_nbd.BgNbd(*fits[BG_NBD, currency].parameters)
    times, weeks, age = np.array([[frequency], [recency / WEEK], [(recency + gap) / WEEK]], "f8")
    alive = float(bg_nbd.probability_alive(model, times, weeks, age)[0])
    purchases = float(bg_nbd.expected_purchases(model, times, weeks, age, AHEAD_WEEKS)[0])
    if (GAMMA_GAMMA, currency) not in fits:
        return Outlook(alive, purchases, None)
    money = gamma_gamma.GammaGamma(*fits[GAMMA_GAMMA, currency].parameters)
    mean = np.array([spend / max(frequency, 1) / 10 ** exponent(currency)])
    each = float(gamma_gamma.expected_spend(money, times, mean)[0])
    return Outlook(alive, purchases, purchases * each if np.isfinite(each) else None)


def of_subscriber(fits: Fits, currency: str, renewals: int, monthly: float) -> float | None:
    """What a customer who pays `monthly` (MRR, major units) and has renewed so often will bring with the
    renewals of the next 12 months; None without a model."""
    if (SBG, currency) not in fits:
        return None
    model = sbg.Sbg(*fits[SBG, currency].parameters)
    return float(sbg.expected_renewals(model, np.array([renewals]), AHEAD_MONTHS)[0]) * monthly
