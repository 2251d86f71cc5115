"""What is left of erased customers: records that are compared without their names, and marks."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.endurance.changelog import Kept

PREFIX = "erased-"


class Nameless(NamedTuple):
    """A customer's record without identifiers; the names of subscriptions and events by their rank."""

    stories: list[tuple]  # of each order: the row, its refunds, its cancellations
    contacts: list[tuple]
    transitions: list[tuple]
    others: tuple[Any, ...]


def nameless(kept: Kept) -> Nameless:
    """The same for two records if and only if one is the other with other names in the same order."""
    refunds, cancellations = defaultdict(list), defaultdict(list)
    for _, order, *rest in kept.refunds:
        refunds[order].append(tuple(rest))
    for _, order, *rest in kept.cancellations:
        cancellations[order].append(tuple(rest))
    placed = {order: tuple(rest) for order, *rest in kept.orders}
    stories = [
        (placed.get(order, ()), sorted(refunds[order]), sorted(cancellations[order]))
        for order in {*placed, *refunds, *cancellations}
    ]
    subscriptions, events = _ranks(t[3] for t in kept.transitions), _ranks(t[4] for t in kept.transitions)
    transitions = [
        (at, kind, subscriptions[subscription], events[event], *rest)
        for _, at, kind, subscription, event, *rest in kept.transitions
    ]
    others = kept[kept._fields.index("folded") :]
    contacts = sorted((at, kind) for _, at, kind in kept.contacts)
    return Nameless(sorted(stories), contacts, sorted(transitions, key=repr), (kept.newest, *others))


def _ranks(names: Iterable[str]) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(sorted(set(names)))}
