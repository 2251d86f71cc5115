"""A wave of departures: paying customers who would have stayed go, at once or when their period ends."""

from schemas.instants import DAY
from service.simulation.changes.episode import Episode
from service.simulation.founding import usual_departures
from service.simulation.leaving import give_notice
from service.simulation.scenarios.model import Leaving
from service.simulation.subscription import Subscription, end
from service.simulation.world import World


def begin(world: World, wave: Episode[Leaving]) -> None:
    """Let the wave begin now."""
    hazard = (wave.change.times - 1) * usual_departures(wave.concern)
    if hazard > 0:
        _await(world, wave, hazard)


def _await(world: World, wave: Episode[Leaving], hazard: float) -> None:
    """Plan the next visit to somebody; each subscription is visited at `hazard` a microsecond."""
    visits = hazard * len(world.subscriptions)
    gap = wave.dice.expovariate(visits) if visits else DAY
    if world.now + gap < wave.until:
        world.after(gap, _visit, wave, hazard)


def _visit(world: World, wave: Episode[Leaving], hazard: float) -> None:
    """Pick a subscription at random; who pays and is concerned leaves, all others are passed over."""
    subscriptions = world.subscriptions
    place = wave.dice.randrange(len(subscriptions))
    subscription = subscriptions[place]
    if subscription.status == "ended":
        subscriptions[place] = subscriptions[-1]
        subscriptions.pop()
    elif _concerned(subscription, wave.change):
        if wave.change.notice:
            give_notice(world, subscription, wave.change.reason)
        else:
            end(world, subscription, wave.change.reason)
    _await(world, wave, hazard)


def _concerned(subscription: Subscription, change: Leaving) -> bool:
    pays = subscription.plan.price > 0 and subscription.status in ("active", "past_due")
    may_announce = subscription.status == "active" and not subscription.leaving
    return (
        pays and change.plan in (None, subscription.plan.name) and (may_announce if change.notice else True)
    )
