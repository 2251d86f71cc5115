"""What partitions tell each other of whom customers named (`domain/records/referrals.py`): rows of a topic of
its own, written in the transaction of the checkpoint that they belong to, and read like a source.

A row lies on the partition of whoever was named and has no key, for nothing in it is ever replaced. It says
of which changelog it is: who goes back to a former generation does not hear what the later one has told.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from service.domain.records import UnknownFormatError
from service.domain.records.credits import Credit
from service.stream.endings import PERSON_NEEDED, end
from service.stream.lean import Record
from service.stream.owned import Owned
from service.stream.source import Source

_FORMAT = bytes([1])

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str, bytes, bytes, int | None]).decode


def by_place(told: Iterable[tuple[int, Credit]], changelog: str) -> dict[int, list[tuple[None, bytes]]]:
    """Rows (no key, and a value) of the topic for each partition, in their order."""
    found: dict[int, list[tuple[None, bytes]]] = {}
    for place, credit in told:
        found.setdefault(place, []).append((None, _FORMAT + _encode((changelog, *credit))))
    return found


def unpacked(values: Iterable[bytes | None], changelog: str) -> Iterator[Credit]:
    """The credits of this changelog in values of the topic; raises UnknownFormatError."""
    for value in values:
        if value is None or value[:1] != _FORMAT:
            found = (value or b"")[:1].hex() or "none"
            raise UnknownFormatError(f"a record has format {found}, this version reads {_FORMAT.hex()}")
        try:
            whose, referrer, token, at = _decode(value[1:])
        except msgspec.MsgspecError as error:
            raise UnknownFormatError(f"a record is unreadable ({error})") from error
        if whose == changelog:
            yield Credit(referrer, token, at)


class CreditIntake(Source):
    """Takes the records of that topic. Never awaits, as `Intake`, and judges nothing: they are our own."""

    kind = "credits"

    def __init__(self, topic: str, changelog: Callable[[], str]) -> None:
        """`changelog`: the topic where the records are kept."""
        super().__init__(topic)
        self._changelog = changelog

    def take(self, owned: Owned, records: Sequence[Record]) -> None:
        """Keep the credits; ends the process where another version, or somebody else, wrote them."""
        records = self._new_ones(owned, records)
        if not records:
            return
        try:
            credits = [*unpacked([record.value for record in records], self._changelog())]
        except UnknownFormatError as error:
            first, last = records[0].offset, records[-1].offset
            place = f"{self.topic}-{owned.number}, offsets {first} to {last}"
            end(
                PERSON_NEEDED, f"{place}: {error}: run the version that wrote it; nobody else may write there"
            )
        owned.days.applied(owned.records.credited(credits))
        self._advance(owned, records)
