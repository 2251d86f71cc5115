"""Writes a scenario's changes into the diary of a business."""

from collections.abc import Iterable
from random import Random
from typing import Any

from schemas.instants import DAY
from service.simulation.arrivals import Inflow
from service.simulation.changes import channel, leaving, newcomers, payments, refunds, stall
from service.simulation.changes.episode import Episode
from service.simulation.scenarios.model import Change, Concern
from service.simulation.world import Step, World

_BEGINNINGS: dict[str, Step] = {
    "leaving": leaving.begin,
    "payments": payments.begin,
    "refunds": refunds.begin,
    "channel": channel.begin,
    "newcomers": newcomers.begin,
    "stall": stall.begin,
}


def schedule(
    world: World, day_zero: int, concern: Concern, inflow: Inflow, changes: Iterable[Change]
) -> None:
    """Let each change begin on its day.

    Each has dice of its own: what it decides depends neither on the other changes nor on what is usual.
    """
    for number, change in enumerate(changes):
        begins = day_zero + int(change.from_day * DAY)
        episode: Episode[Any] = Episode(
            change, begins + int(change.days * DAY), concern, inflow, Random(f"{world.seed} change {number}")
        )
        world.at(begins, _BEGINNINGS[change.kind], episode)
