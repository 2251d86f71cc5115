"""A partition that is watched, without Kafka: its changelog and its topic are lists, and it may crash."""

import json
from collections.abc import Sequence
from typing import Any

from schemas.fast import Event
from service.domain.facts import Facts
from service.domain.insights import Business, Rules, Watcher, say
from service.domain.metrics import Definitions
from service.domain.metrics.moment import Moment
from service.domain.records import Partition
from tests.domain.events import EVER

MOST = 10_000


class Watched:
    """What a worker does with one partition, step by step."""

    def __init__(self, since: int, definitions: Definitions, rules: Rules, business: Business) -> None:
        self.definitions, self.rules, self.business, self.since = definitions, rules, business, since
        self.changelog: list[tuple[bytes, bytes | None]] = []
        self.topic: list[dict[str, Any]] = []
        self.taken: list[Event] = []  # since the last checkpoint
        self._begin()

    def _begin(self) -> None:
        self.partition, self.facts, self.watcher = Partition(), Facts(), Watcher(self.rules)
        self.partition.restore(self.changelog)
        self.partition.restored()
        self.partition.sayings.begin(self.since)

    def arrive(self, events: Sequence[Event]) -> None:
        """Events come."""
        for event in events:
            self.partition.apply(event, EVER)
        self.taken += events

    def crash(self) -> None:
        """All since the last checkpoint is lost, and comes once more."""
        again, self.taken = self.taken, []
        self._begin()
        self.arrive(again)

    def look(self, as_of: int) -> None:
        """Find what there is to say."""
        draft = self.partition.draw()
        self.facts.update(draft)
        self.watcher.note(draft, self.facts)
        question = self.watcher.ask(self.partition.sayings)
        assert question is not None
        look = self.watcher.look(Moment(self.facts, as_of, self.definitions), question, self.business)
        self.partition.found(*look)

    def checkpoint(self, most: int = MOST) -> None:
        """What is said and what is remembered, in one."""
        said = say(self.partition, most)
        self.changelog += self.partition.changes()
        self.topic += [json.loads(insight.value) for insight in said]
        self.taken = []
