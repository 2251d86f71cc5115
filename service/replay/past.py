"""The figures at many instants from one reading of files: facts know when everything happened."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from schemas.decode import LIMIT
from service.domain.facts import Facts
from service.domain.metrics import Definitions, View, summarize, view
from service.domain.metrics.history import TOLD
from service.domain.records import Limits
from service.errors import UserError
from service.replay.decoding import FileDecoder
from service.replay.lines import Line
from service.replay.taking import Placed, Refusal, applied, counting, decoded, partitions

EVER, NEVER = -(1 << 62), 1 << 62
"""As a horizon, EVER lies before every event: single orders are needed at every instant."""


def past(
    lines: Iterable[Line],
    definitions: Definitions,
    choose: Callable[[int, int], Sequence[int]],
    now: int,
    *,
    limits: Limits | None = None,
    largest_value: int = LIMIT,
    refuse: Callable[[Refusal], None] = lambda refusal: None,
) -> tuple[Sequence[int], Iterator[View]]:
    """The instants (microseconds) and the figures at each, as `replay` gives them for that instant; without
    predictions.

    `choose`: which instants, by those of the first and of the last event. `now`: later events are refused.

    Raises:
        UserError: there is not one event.
    """
    (part,), facts = partitions(1, limits, referral_ranks=definitions.referral_ranks), Facts()
    reject = counting(Counter(), refuse)
    span = _Span(decoded(lines, FileDecoder(largest_value), now, reject))
    applied(iter(span), [part], EVER, reject)
    if span.first > span.last:
        raise UserError("there is no event that can be used, so there is no past to tell")
    facts.update(part.draw())
    instants = choose(span.first, span.last)
    return instants, (view(summarize(facts, at, definitions, TOLD), definitions) for at in instants)


class _Span:
    """Events on their way, with the instants of the first and the last of those that have passed."""

    def __init__(self, events: Iterator[Placed]) -> None:
        self._events, self.first, self.last = events, NEVER, EVER

    def __iter__(self) -> Iterator[Placed]:
        for placed in self._events:
            at = placed.event.occurred_at
            self.first, self.last = min(self.first, at), max(self.last, at)
            yield placed
