"""What all who take in the records of a topic have in common."""

from collections.abc import Sequence

from service.stream.lean import Record
from service.stream.owned import Owned


class Source:
    """One topic that is read from where the state of a partition stands."""

    def __init__(self, topic: str) -> None:
        self.topic = topic

    def _new_ones(self, owned: Owned, records: Sequence[Record]) -> Sequence[Record]:
        """Without what is applied already: after a seek the broker may start earlier within a batch."""
        resume_at = owned.resume_at.get(self.topic, 0)
        if records[0].offset >= resume_at:
            return records
        return [record for record in records if record.offset >= resume_at]

    def _advance(self, owned: Owned, records: Sequence[Record]) -> None:
        """These are applied."""
        owned.last[self.topic] = records[-1]
        owned.resume_at[self.topic] = records[-1].offset + 1
