"""From visitor to payer: trials and sign-ups (definitions, section 4)."""

from collections.abc import Iterator

import numpy as np

from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import ratio
from service.domain.metrics.tally import Tally

_BY_WINDOW = ("window",)

ENDED = Metric("trials_ended", "Trials whose end lies in the window.", _BY_WINDOW)
CONVERTED = Metric(
    "trials_converted", "Trials whose end lies in the window and that became paid, as known now.", _BY_WINDOW
)
CONVERSION = Metric("trial_conversion_ratio", "Trials converted / trials ended.", _BY_WINDOW)
SIGN_UPS = Metric("signups", "Customers whose first sign-up lies in the window.", _BY_WINDOW)
SIGN_UPS_PAYING = Metric(
    "signups_paying",
    "Customers whose first sign-up lies in the window and who have ever paid by its end.",
    _BY_WINDOW,
)
FREE_TO_PAID = Metric("free_to_paid_ratio", "Sign-ups who have ever paid / sign-ups.", _BY_WINDOW)
COUNTS = (ENDED, CONVERTED, SIGN_UPS, SIGN_UPS_PAYING)
METRICS = (*COUNTS, CONVERSION, FREE_TO_PAID)


def measure(moment: Moment, tally: Tally) -> None:
    """Count trials ended and converted, and sign-ups and those who paid."""
    trials, sign_ups = moment.facts.lives.trials, moment.facts.lives.sign_ups
    first_paid_at = moment.paying.first_at[sign_ups["customer"]]
    for window in moment.windows:
        ended = window.holds(trials["ended_at"])
        converted = ended & (trials["converted_at"] <= moment.as_of)
        came = window.holds(sign_ups["at"])
        paid = came & (first_paid_at < window.end)
        for metric, mask in zip(COUNTS, (ended, converted, came, paid), strict=True):
            tally.add(metric, (window.name,), np.count_nonzero(mask))


def figures(tally: Tally) -> Iterator[Figure]:
    """The counts and the two ratios."""
    for metric in COUNTS:
        yield from (metric.figure(labels, int(count)) for labels, count in tally[metric].items())
    for labels, ended in tally[ENDED].items():
        yield CONVERSION.figure(labels, ratio(tally.get(CONVERTED, *labels), ended))
    for labels, came in tally[SIGN_UPS].items():
        yield FREE_TO_PAID.figure(labels, ratio(tally.get(SIGN_UPS_PAYING, *labels), came))
