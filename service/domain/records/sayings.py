"""What has been said of customers, so that nothing is said twice; and what was found and waits to be said.

Kept in the changelog beside the records, and written in the same transaction as what is said.
"""

from collections.abc import Mapping
from typing import Any

from service.domain.records.customer import EVER, Record, Told


class Said(Record, array_like=True, gc=False):
    """What was said of one customer lately: packed rows, one for each matter."""

    latest: int = EVER  # instant that anything of it was about
    rows: bytes = b""


class Watch(Record, array_like=True, gc=False):
    """Kept once, under no name: what is watched for."""

    floor: int = EVER  # nothing is said of what came about then or before
    kept_from: int = EVER  # what was said of an instant before is not remembered any more
    silence: int = EVER  # the day, by its first instant, on which it was last asked who has fallen silent
    leaving: int = EVER  # and who is probably gone
    edition: bytes = b""  # as of which day, and by what, segments were looked at last


class Sayings:
    """Of one partition number. Empty where nobody wants to be told anything."""

    def __init__(self, changed: Told, gone: Told) -> None:
        """`changed` and `gone` are told what is to be written, and what is to be deleted."""
        self.held: dict[str, Said] = {}
        self.watches: dict[str, Watch] = {}
        self.waiting: dict[str, list[Any]] = {}  # findings by customer, of `as_of`
        self.as_of = EVER
        self._then: Watch | None = None  # in force once all that waits is said
        self._changed, self._gone = changed, gone

    @property
    def watch(self) -> Watch | None:
        """What is watched for; None before it has begun."""
        return self.watches.get("")

    @property
    def due(self) -> bool:
        """Whether there is something to write."""
        return self._then is not None

    def begin(self, since: int) -> None:
        """Watch from this instant on, unless that has been begun before."""
        if not self.watches:
            self._watch_by(Watch(floor=since))

    def _watch_by(self, watch: Watch) -> None:
        before, self.watches[""] = self.watch, watch
        if watch != before:
            self._changed(Watch, "")
        if before is not None and watch.kept_from > before.kept_from:
            for name in [name for name, said in self.held.items() if said.latest < watch.kept_from]:
                self.forget(name)

    def found(self, findings: Mapping[str, list[Any]], as_of: int, then: Watch) -> None:
        """Take over what a look at all customers `as_of` an instant has found; `then`: what is watched for
        once it is said."""
        self.waiting, self.as_of = {**findings}, as_of
        self._then = then if findings or then != self.watch else None

    def all_said(self) -> None:
        """Nothing waits any more."""
        if self._then is not None:
            self._watch_by(self._then)
            self._then = None

    def start_over(self) -> None:
        """Drop what was found: somebody else may have said it."""
        self.waiting.clear()
        self._then = None

    def note(self, name: str, at: int, rows: bytes) -> None:
        """Remember what has been said of a customer, the latest of it about the instant `at`."""
        self.held[name] = Said(latest=at, rows=rows)
        self._changed(Said, name)

    def forget(self, name: str) -> None:
        """Let go what was said, or was to be said, of a customer."""
        self.waiting.pop(name, None)
        if self.held.pop(name, None) is not None:
            self._gone(Said, name)

    def end(self) -> None:
        """Stop watching, and let everything go."""
        self.start_over()
        for name in list(self.held):
            self.forget(name)
        if self.watches:
            self.watches.clear()
            self._gone(Watch, "")
