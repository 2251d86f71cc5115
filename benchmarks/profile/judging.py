"""A worker that judges events and keeps none of them. `faust -A benchmarks.profile.judging`."""

from collections.abc import Sequence

from benchmarks.bare import create_app
from service.domain.records import Limits, Partition
from service.settings import load
from service.stream.intake import Intake
from service.stream.lean import Record
from service.stream.owned import Owned


class Names(Partition):
    """Knows who has been asked about: the place of a customer is found out once, as in a whole worker."""

    def __init__(self) -> None:
        super().__init__()
        self._known = set[str]()

    def strangers(self, names: Sequence[str]) -> set[str]:
        """Those who have not been asked about."""
        if all(map(self._known.__contains__, names)):
            return set()
        new = set(names).difference(self._known)
        self._known |= new
        return new


class Judging(Intake):
    """Decodes and judges records."""

    def take(self, owned: Owned, records: Sequence[Record]) -> None:
        """Judge, and note how far was read."""
        self._judge.sift(owned, records, self._reject)
        self._advance(owned, records)


def owned(number: int) -> Owned:
    """A partition number that holds names."""
    one = Owned(number, Limits())
    one.records = Names()
    return one


app = create_app(load(), Judging, owned)
