"""The payment provider refuses charges: failed payments, past due, and in the end involuntary churn."""

from service.simulation.changes.episode import Episode
from service.simulation.scenarios.model import Payments
from service.simulation.world import World


def begin(world: World, outage: Episode[Payments]) -> None:
    """Let the outage begin now."""
    world.conditions.failing += outage.change.failing
    world.at(outage.until, _end, outage.change.failing)


def _end(world: World, failing: float) -> None:
    world.conditions.failing -= failing
