"""A channel that brings many and is worth little: more sign-ups of less quality, all of them paid for."""

from dataclasses import replace

from schemas.instants import DAY
from service.simulation.arrivals import sign_up
from service.simulation.catalogue import CHANNELS, Channel
from service.simulation.changes.episode import Episode
from service.simulation.scenarios.model import BadChannel
from service.simulation.world import World


def begin(world: World, campaign: Episode[BadChannel]) -> None:
    """Let the campaign begin now."""
    usual = next(channel for channel in CHANNELS if channel.name == campaign.change.channel)
    world.conditions.spending[usual.name] += campaign.change.times - 1
    world.at(campaign.until, _end, campaign.change)
    rate = (campaign.change.times - 1) * campaign.inflow.at(world.now) * usual.share / DAY
    if rate > 0:
        _await(world, campaign, replace(usual, quality=campaign.change.quality), rate)


def _await(world: World, campaign: Episode[BadChannel], channel: Channel, rate: float) -> None:
    gap = campaign.dice.expovariate(rate)
    if world.now + gap < campaign.until:
        world.after(gap, _arrive, campaign, channel, rate)


def _arrive(world: World, campaign: Episode[BadChannel], channel: Channel, rate: float) -> None:
    sign_up(world, world.new_id("c"), channel, None)
    _await(world, campaign, channel, rate)


def _end(world: World, change: BadChannel) -> None:
    world.conditions.spending[change.channel] -= change.times - 1
