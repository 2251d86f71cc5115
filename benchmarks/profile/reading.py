"""A worker that reads and keeps nothing: fetch, Faust, positions. `faust -A benchmarks.profile.reading`."""

from collections.abc import Sequence

from benchmarks.bare import create_app
from service.domain.records import Limits
from service.settings import load
from service.stream.intake import Intake
from service.stream.lean import Record
from service.stream.owned import Owned


class Reading(Intake):
    """Takes records without looking at them."""

    def take(self, owned: Owned, records: Sequence[Record]) -> None:
        """Note how far was read."""
        self._advance(owned, records)


app = create_app(load(), Reading, lambda number: Owned(number, Limits()))
