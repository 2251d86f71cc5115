"""More customers begin to pay than usual; those of a launch leave again when its charm is gone."""

from schemas.instants import DAY
from service.simulation import beginnings
from service.simulation.catalogue import QUARTERLY, Channel
from service.simulation.changes.episode import Episode
from service.simulation.customers import Customer
from service.simulation.founding import usual_departures
from service.simulation.scenarios.model import Newcomers
from service.simulation.subscription import Subscription, end
from service.simulation.world import World


def begin(world: World, rush: Episode[Newcomers]) -> None:
    """Let the rush begin now."""
    rate = (rush.change.times - 1) * usual_departures(rush.concern) * rush.concern.paying
    if rate > 0:
        _await(world, rush, rate)


def _await(world: World, rush: Episode[Newcomers], rate: float) -> None:
    gap = rush.dice.expovariate(rate)
    if world.now + gap < rush.until:
        world.after(gap, _arrive, rush, rate)


def _arrive(world: World, rush: Episode[Newcomers], rate: float) -> None:
    """Sign somebody up and let them subscribe at once; who stays for a while only, has that in the diary."""
    channel = Channel(rush.change.channel, 0.0, 0, 1.0)
    customer = Customer(world.new_id("c"), channel, "EUR", 0.2)
    world.tell("customer.signed_up", customer_id=customer.id, channel=channel.name)
    subscription = beginnings.begin(world, customer, QUARTERLY, False)
    if rush.change.stay_days is not None:
        world.after(max(rush.dice.gauss(rush.change.stay_days, 1), 0.1) * DAY, _leave, subscription)
    _await(world, rush, rate)


def _leave(world: World, subscription: Subscription) -> None:
    if subscription.status in ("active", "past_due"):
        end(world, subscription, "unused")
