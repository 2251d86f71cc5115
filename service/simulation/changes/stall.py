"""An ingestion stall: what happens is withheld, and delivered when the stall is over."""

from service.simulation.changes.episode import Episode
from service.simulation.scenarios.model import Stall
from service.simulation.world import World


def begin(world: World, stall: Episode[Stall]) -> None:
    """Let the stall begin now."""
    world.withhold()
    world.at(stall.until, World.deliver)
