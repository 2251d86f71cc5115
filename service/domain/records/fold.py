"""The subscription fold (definitions, section 4): transitions in any order -> what happened when.

The fold is causal: what it says of an instant depends only on transitions at or before that instant. So the
facts of a whole life, cut at any as_of, are the facts as they stood then.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from schemas.currencies import exponent
from service.domain.records.life import Life, Mention, Stretch
from service.domain.records.subscription import Subscription
from service.domain.records.transitions import STARTED, Transition


def fold(transitions: Iterable[Transition], erased_at: int | None = None) -> Life:
    """One customer's life from all transitions of all subscriptions, in any order.

    `erased_at`: when the customer was erased, which ends every subscription that is live then, or that
    became live later: these at their own last transition.
    """
    ordered = sorted(transitions, key=lambda t: (t.subscription, t.at, t.kind, t.event))
    stretches: list[tuple[str, Stretch]] = []
    life = Life([], [], [], [], [], min(_first_plans(ordered), default=None))
    seen: dict[tuple[str, str], int] = {}
    for subscription, own in groupby(ordered, key=attrgetter("subscription")):
        one = Subscription(life, seen)
        one.run(list(own), erased_at)
        stretches.extend((subscription, stretch) for stretch in one.stretches)
    if stretches and stretches[0][0] != stretches[-1][0]:
        stretches.sort(key=_by_value)
    life.stretches.extend(stretch for _, stretch in stretches)
    life.mentions.extend(Mention(plan, currency, at) for (plan, currency), at in seen.items())
    return life


def _first_plans(transitions: Iterable[Transition]) -> Iterator[tuple[int, str]]:
    return ((t.at, t.plan) for t in transitions if t.kind == STARTED and t.plan is not None)


def _by_value(row: tuple[str, Stretch]) -> tuple[Fraction, str, int]:
    """Highest annual value in major units first, then the smallest subscription_id."""
    subscription, stretch = row
    major = Fraction(stretch.annual, stretch.interval_count * 10 ** exponent(stretch.currency))
    return -major, subscription, stretch.start
