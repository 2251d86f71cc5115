"""Customers who bring customers: invitations, who came of them, and what these are worth (definitions,
section 6)."""

from collections.abc import Iterator

import numpy as np

from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import mean, ratio
from service.domain.metrics.tally import Tally, sum_of

MOST_INVITATIONS = 1000  # of one customer in a window

_BY_WINDOW = ("window",)
_BY_REFERRED = ("currency", "referred")

INVITATIONS = Metric(
    "invitations", "Invitations that customers sent in the window, at most 1,000 of each.", _BY_WINDOW
)
REFERRED = Metric(
    "customers_referred",
    "Customers whose first activity lies in the window and whom somebody referred: referrals that converted.",
    _BY_WINDOW,
)
VIRAL = Metric(
    "viral_coefficient",
    "Referred customers whose first activity lies in the window / customers whose first came before it.",
    _BY_WINDOW,
)
REALIZED = Metric(
    "realized_ltv_mean_by_referral",
    "Lifetime net revenue / customers with an order, of those whom somebody referred (yes) and of the others "
    "(no), major units.",
    _BY_REFERRED,
)
BEFORE = internal("customers_active_before", *_BY_WINDOW)
CUSTOMERS = internal("referral_ltv_customers", *_BY_REFERRED)
NET = internal("referral_ltv_net", *_BY_REFERRED)
METRICS = (INVITATIONS, REFERRED, VIRAL, REALIZED, BEFORE, CUSTOMERS, NET)


def measure(moment: Moment, tally: Tally) -> None:
    """Count invitations, referred customers and those who were there before."""
    sent, active_at = moment.facts.lives.invitations, moment.first_active_at
    referred_at = active_at[moment.referred]
    for window in moment.windows:
        by_customer = np.bincount(sent["customer"][window.holds(sent["at"])])
        tally.add(INVITATIONS, (window.name,), np.minimum(by_customer, MOST_INVITATIONS).sum())
        tally.add(REFERRED, (window.name,), np.count_nonzero(window.holds(referred_at)))
        tally.add(BEFORE, (window.name,), np.count_nonzero(active_at < window.start))


def measure_value(net: np.ndarray, referred: np.ndarray, currency: str, tally: Tally) -> None:
    """Add up lifetime net revenue (minor units) of customers with an order; `referred` is a mask of them."""
    for label, mask in (("yes", referred), ("no", ~referred)):
        tally.add(CUSTOMERS, (currency, label), np.count_nonzero(mask))
        tally.add(NET, (currency, label), sum_of(net[mask]))


def figures(tally: Tally) -> Iterator[Figure]:
    """The counts, the viral coefficient, and the value of customers who were referred beside the others'."""
    for metric in (INVITATIONS, REFERRED):
        yield from (metric.figure(labels, int(count)) for labels, count in tally[metric].items())
    for labels, before in tally[BEFORE].items():
        yield VIRAL.figure(labels, ratio(tally.get(REFERRED, *labels), before))
    for labels, net in tally[NET].items():
        yield REALIZED.figure(labels, mean(net, tally.get(CUSTOMERS, *labels), labels[0]))
