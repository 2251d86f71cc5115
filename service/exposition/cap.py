"""How many series of the business /metrics shows at most. Pure."""

from collections.abc import Iterable

from prometheus_client import Metric


def capped(families: Iterable[Metric], limit: int) -> tuple[list[Metric], int]:
    """The families that fit into `limit` series, in their order, and how many series those have that do not.

    A family is shown whole or not at all, because a sum over some of its labels would look like one over all.
    Those with the fewest labels come first, and of these the smallest: what is detailed most goes first.
    """
    found = list(families)
    room, kept = limit, set[str]()
    for family in sorted(found, key=_detail):
        if len(family.samples) <= room:
            room -= len(family.samples)
            kept.add(family.name)
    dropped = sum(len(family.samples) for family in found if family.name not in kept)
    return [family for family in found if family.name in kept], dropped


def _detail(family: Metric) -> tuple[int, int, str]:
    labels = max((len(sample.labels.keys() - {"le"}) for sample in family.samples), default=0)
    return labels, len(family.samples), family.name
