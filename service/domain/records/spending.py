"""Events of the topic marketing: money spent on a channel."""

from schemas import fast
from service.domain.records.customer import Channel, appended
from service.domain.records.identity import identity
from service.domain.records.ledger import Ledger
from service.domain.records.outcome import Outcome
from service.domain.records.rows import SPEND, amount_row, find


class Spending:
    """Applies events of the topic marketing to the records of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def recorded(self, event: fast.SpendRecorded, horizon: int) -> Outcome:
        """Keep an amount spent, once."""
        name, at, key = event.channel, event.occurred_at, identity(event.event_id)
        channel = self._ledger.channels.get(name) or Channel()
        outcome = Outcome.DUPLICATE
        if find(channel.spend, key, SPEND.itemsize) < 0:
            row = amount_row(key, at, event.amount.minor, event.amount.currency)
            channel.spend = appended(channel.spend, row)
            self._ledger.undrawn_channels.add(name)
            outcome = Outcome.APPLIED
        if at >= channel.newest:
            channel.newest = at
        else:
            self._ledger.late["marketing"] += 1
        self._ledger.channels[name] = channel
        self._ledger.changed[Channel].add(name)
        return outcome
