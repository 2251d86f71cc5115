"""Spend facts: what was spent on which channel, in columns."""

from collections.abc import Mapping

import numpy as np

from service.domain.facts.names import Names
from service.domain.facts.table import Table
from service.domain.records.customer import Channel
from service.domain.records.rows import SPEND, currency_code, joined


class SpendFacts:
    """One row for each amount spent."""

    def __init__(self, channels: Names, currencies: Names) -> None:
        self._channels, self._currencies = channels, currencies
        self.spend = Table(owner="channel", at="i8", minor="i8", currency="i2")

    def update(self, drafts: Mapping[str, Channel]) -> None:
        """Replace the facts of the channels in `drafts`."""
        numbers = [self._channels.number(name) for name in drafts]
        touched = np.zeros(len(self._channels), bool)
        touched[numbers] = True
        rows, counts = joined([channel.spend for channel in drafts.values()], SPEND)
        packed, place = np.unique(rows["currency"], return_inverse=True)
        known = [self._currencies.number(currency_code(code)) for code in packed.tolist()]
        self.spend.replace(
            touched,
            {
                "channel": np.repeat(np.array(numbers, "i4"), counts),
                "at": rows["at"],
                "minor": rows["minor"],
                "currency": np.array(known, "i2")[place],
            },
        )
