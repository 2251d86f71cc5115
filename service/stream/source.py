"""What all who take in the records of a topic have in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from service.stream.lean import Record
from service.stream.owned import Owned


class Source(ABC):
    """A topic whose records are applied from the partition's saved position on; each offset exactly once."""

    kind: str  # names the agent

    def __init__(self, topic: str) -> None:
        self.topic = topic

    @abstractmethod
    def take(self, owned: Owned, records: Sequence[Record]) -> None:
        """Apply those of the records that are not applied yet. Never awaits: what they change and how far the
        topic is applied belong together."""

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
