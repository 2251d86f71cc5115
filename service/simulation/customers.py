"""A customer of the simulated business, and whom they bring along."""

from dataclasses import dataclass

from schemas.instants import DAY
from service.simulation.catalogue import REFERRAL, Channel, Constant
from service.simulation.world import World


@dataclass(frozen=True, slots=True)
class Customer(Constant):
    """One customer; `taste` is the number of one-off orders a month while the interest in them lasts."""

    id: str
    channel: Channel
    currency: str
    taste: float


def perhaps_refer(world: World, customer: Customer) -> None:
    """Let a content customer invite a friend now and then; some friends come, days later."""
    dice = world.dice
    if dice.random() < 0.05 * customer.channel.quality:
        friend = world.new_id("c")
        world.tell("customer.invited", customer_id=customer.id, invitee=friend)
        if dice.random() < 0.45:
            world.after(dice.uniform(0.1, 20) * DAY, world.sign_up, friend, REFERRAL, customer.id)
