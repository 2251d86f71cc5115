"""A wave of refunds: a share of the new orders is given back soon after."""

from service.simulation.changes.episode import Episode
from service.simulation.scenarios.model import Refunds
from service.simulation.world import World


def begin(world: World, wave: Episode[Refunds]) -> None:
    """Let the wave begin now."""
    world.conditions.refunding += wave.change.share
    world.at(wave.until, _end, wave.change.share)


def _end(world: World, share: float) -> None:
    world.conditions.refunding -= share
