"""The last division: exact numbers in, a float out, or nothing where there is nothing to divide by."""

from fractions import Fraction

from schemas.currencies import exponent
from service.domain.metrics.tally import Amount


def ratio(numerator: Amount, denominator: Amount) -> float | None:
    """`numerator / denominator` rounded once; None if the denominator is 0."""
    return None if denominator == 0 else float(Fraction(numerator) / Fraction(denominator))


def major(minor: Amount, currency: str) -> float:
    """Minor units as major units of `currency`."""
    return float(Fraction(minor) / 10 ** exponent(currency))


def mean(minor: Amount, number: Amount, currency: str) -> float | None:
    """Minor units per head, in major units; None without heads."""
    return ratio(minor, number * 10 ** exponent(currency))
