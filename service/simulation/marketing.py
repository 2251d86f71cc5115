"""What the business pays for its channels: a record a channel and day, in proportion to the sign-ups."""

from schemas.instants import DAY
from service.simulation.arrivals import Inflow
from service.simulation.catalogue import CHANNELS
from service.simulation.seasons import bustle
from service.simulation.world import World


def spend(world: World, inflow: Inflow) -> None:
    """Record today's spend of every paid channel, and plan tomorrow's."""
    signups = inflow.at(world.now) * bustle(world.now)
    for channel in CHANNELS:
        usual = channel.cost * channel.share * signups * world.dice.uniform(0.8, 1.2)
        minor = round(usual * (1 + world.conditions.spending[channel.name]))
        if minor:
            world.tell("spend.recorded", channel=channel.name, amount={"minor": minor, "currency": "EUR"})
    world.after(DAY, spend, inflow)
