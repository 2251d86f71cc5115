"""What channels cost and what they bring: spend, CAC, LTV : CAC and payback (definitions, section 6)."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from service.domain.metrics import value
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.labels import ABSENT, LabelSet
from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import major, mean, ratio
from service.domain.metrics.tally import Tally, present, sums_by
from service.domain.metrics.windows import CHANNEL_WINDOWS

_BY_CHANNEL = ("window", "channel", "currency")
_NOW = ("channel", "currency")

SPEND = Metric("marketing_spend", "Money spent on a channel in the window, major units.", _BY_CHANNEL)
ACQUIRED = Metric(
    "customers_acquired",
    "Customers of a channel whose first activity (orders or subscription) lies in the window.",
    ("window", "channel"),
)
COST = Metric(
    "acquisition_cost",
    "CAC: spend in the window / customers of the channel whose first activity lies in it, major units.",
    _BY_CHANNEL,
)
LTV_TO_COST = Metric(
    "ltv_to_cac_ratio",
    "Realized lifetime value of the channel's customers x margin / CAC of the window.",
    _BY_CHANNEL,
)
PAYBACK = Metric(
    "payback_months",
    "CAC of the window / (MRR of a paying customer of the channel x margin).",
    _BY_CHANNEL,
)
PAYING = internal("channel_customers_paying", *_NOW)
MRR = internal("channel_mrr", *_NOW)
METRICS = (SPEND, ACQUIRED, COST, LTV_TO_COST, PAYBACK, PAYING, MRR)


def measure(moment: Moment, tally: Tally) -> None:
    """Add up spend, customers acquired, and MRR now, by channel."""
    _spend(moment, tally)
    _mrr(moment, tally)
    for window in moment.windows:
        if window.name in CHANNEL_WINDOWS:
            for channel, customers in moment.by_channel(window.holds(moment.first_active_at)):
                tally.add(ACQUIRED, (window.name, channel), customers)


def _spend(moment: Moment, tally: Tally) -> None:
    """Of every channel and currency ever seen together in spend."""
    table, currencies = moment.facts.spend.spend, moment.facts.currencies
    spent = table["at"] <= moment.as_of
    channel, currency, at, minor = (table[name][spent] for name in ("channel", "currency", "at", "minor"))
    channels = LabelSet.given(moment.facts.channels, channel)  # where there are too many: those spent on most
    pair = channels.places(channel) * len(currencies) + currency
    seen = np.flatnonzero(np.bincount(pair)).tolist()
    for window in moment.windows:
        if window.name in CHANNEL_WINDOWS:
            inside = window.holds(at)
            sums = sums_by(pair[inside], minor[inside], len(channels) * len(currencies))
            for number in seen:
                names = channels[number // len(currencies)], currencies[number % len(currencies)]
                tally.add(SPEND, (window.name, *names), int(sums[number]))


def _mrr(moment: Moment, tally: Tally) -> None:
    """Of every channel and currency in which a customer is paying now."""
    paying, names = moment.paying, moment.channels
    alive = paying.alive(moment.as_of + 1)
    customer, currency, annual = paying.customer[alive], paying.currency[alive], paying.annual[alive]
    for number in moment.subscription_currencies:
        own, code = currency == number, moment.facts.currencies[number]
        payers = present(customer[own], moment.facts.customers)
        sums = sums_by(moment.channel[customer[own]], annual[own], len(names) + 1)  # NONE is the last place
        for channel, total in zip((*names.names, ABSENT), sums.tolist(), strict=True):
            tally.add(MRR, (channel, code), Fraction(total, 12 * paying.per_minor))
        for channel, customers in moment.by_channel(payers):
            tally.add(PAYING, (channel, code), customers)


def figures(tally: Tally, definitions: Definitions) -> Iterator[Figure]:
    """What was spent and who came of it, and the ratios between these and what customers are worth."""
    yield from (ACQUIRED.figure(labels, int(number)) for labels, number in tally[ACQUIRED].items())
    margin = definitions.margin
    for labels, spend in tally[SPEND].items():
        window, channel, currency = labels
        acquired = tally.get(ACQUIRED, window, channel)
        buyers, net = (tally.get(m, currency, channel) for m in (value.CHANNEL_CUSTOMERS, value.CHANNEL_NET))
        payers, mrr = (tally.get(metric, channel, currency) for metric in (PAYING, MRR))
        yield SPEND.figure(labels, major(spend, currency))
        yield COST.figure(labels, mean(spend, acquired, currency))
        worth = ratio(net * margin * acquired, buyers * spend) if acquired else None
        yield LTV_TO_COST.figure(labels, worth)
        yield PAYBACK.figure(labels, ratio(spend * payers, acquired * mrr * margin))
