"""The refresh has watchers look at the facts, too, for what there is to say of single customers."""

from collections.abc import Callable

from service.domain.insights import Business, Look, Question
from service.domain.metrics.fits import Fits
from service.domain.metrics.moment import Moment
from service.domain.metrics.thresholds import Thresholds
from service.now import now_micros
from service.stream.owned import Owned


class Watching:
    """Asks on the loop, looks in the refresh thread, and hands over on the loop again."""

    def __init__(self, fits: Callable[[], Fits], since: int | None) -> None:
        """`fits`: the models of the latest forecast; `since`: from when on something is said, if not from the
        first question on."""
        self._fits, self._since = fits, since

    def ask(self, owned: Owned, complete: bool) -> Question | None:
        """What to look for in a partition, if it is read to its end: before, much would seem to be so that is
        not."""
        if owned.watcher is None:
            return None
        sayings = owned.records.sayings
        sayings.begin(now_micros() if self._since is None else self._since)
        return owned.watcher.ask(sayings) if complete else None

    def business(self, thresholds: tuple[Thresholds, ...]) -> Business:
        """What is known of all customers now."""
        return Business(self._fits(), thresholds[-1] if thresholds else None)


def looked(owned: Owned, moment: Moment, question: Question | None, business: Business) -> Look | None:
    """In the refresh thread: what there is to say."""
    if question is None or owned.watcher is None:
        return None
    return owned.watcher.look(moment, question, business)


def say_with_next_checkpoint(owned: Owned, question: Question | None, look: Look | None) -> None:
    """Let the next checkpoint say it, unless the partition has been somebody else's meanwhile."""
    if question and look and owned.watcher and owned.watcher.answers(question):
        owned.records.found(*look)
