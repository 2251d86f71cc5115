"""What is to be expected of a customer in the next 365 days, by the models fitted to all (section 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from service.domain.metrics import outlook, purchases, tenures
from service.domain.metrics.fits import Fits
from service.domain.metrics.moment import Moment
from service.domain.metrics.outlook import Outlook
from service.domain.metrics.ratio import major


@dataclass(frozen=True)
class Expectation:
    """In one currency, told as the local day begins; None without a model, or where there is nothing to go
    by. `value_of_renewals` is that of a customer who pays now; the rest is about orders."""

    currency: str
    probability_alive: float | None
    purchases: float | None
    value_of_purchases: float | None
    value_of_renewals: float | None


def expectations(moment: Moment, fits: Fits) -> Iterator[Expectation]:
    """By currency, of those in which there is something to expect."""
    buying, staying = dict(_buying(moment, fits)), dict(_staying(moment, fits))
    for code in sorted(buying.keys() | staying.keys()):
        found = buying.get(code)
        yield Expectation(
            code,
            found.probability_alive if found else None,
            found.purchases if found else None,
            found.value if found else None,
            staying.get(code),
        )


def _buying(moment: Moment, fits: Fits) -> Iterator[tuple[str, Outlook]]:
    for code, bought in purchases.bought(moment):
        for _, *numbers in zip(*(column.tolist() for column in bought), strict=True):
            if (found := outlook.of_buyer(fits, code, *numbers)) is not None:
                yield code, found


def _staying(moment: Moment, fits: Fits) -> Iterator[tuple[str, float]]:
    for number in moment.subscription_currencies:
        code = moment.facts.currencies[number]
        for renewals, annual in tenures.renewing(moment, number):
            monthly = major(Fraction(annual, 12 * moment.paying.per_minor), code)
            if (found := outlook.of_subscriber(fits, code, renewals, monthly)) is not None:
                yield code, found
