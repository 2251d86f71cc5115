"""How customers find the business and what they want of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from schemas.instants import DAY
from service.simulation import beginnings, shopping
from service.simulation.catalogue import CHANNELS, CURRENCIES, FREE, PLANS, Channel, Plan
from service.simulation.customers import Customer
from service.simulation.seasons import BUSIEST, GROWTH, bustle
from service.simulation.world import World

_MINUTE = 60_000_000
_SLACK = 1.05
"""Room for growth between two candidates of the thinning: a gap is hours, growth a fraction of a per cent."""


@dataclass(frozen=True, slots=True)
class Inflow:
    """Sign-ups by themselves (not by referral): `daily` at `start`, growing by exp(yearly) a year."""

    start: int
    daily: float
    yearly: float = GROWTH

    @classmethod
    def of(cls, customers: int, start: int, days: int) -> Inflow:
        """Return the inflow that brings about `customers` sign-ups in `days` (1 or more) from `start`."""
        one = cls(start, 1.0)
        return cls(start, customers / sum(one.at(start + day * DAY) for day in range(days)))

    def at(self, instant: int) -> float:
        """Return how many sign up a day at an instant, seasons apart."""
        return self.daily * exp(self.yearly * (instant - self.start) / (365.25 * DAY))


def await_arrival(world: World, inflow: Inflow) -> None:
    """Plan the next moment at which somebody may arrive."""
    ceiling = inflow.at(world.now) * BUSIEST * _SLACK
    world.after(world.dice.expovariate(ceiling / DAY), arrive, inflow, ceiling)


def arrive(world: World, inflow: Inflow, ceiling: float) -> None:
    """Let somebody sign up now if the hour is busy enough (thinning), and go on waiting."""
    dice = world.dice
    if dice.random() * ceiling < inflow.at(world.now) * bustle(world.now):
        channel = dice.choices(CHANNELS, [channel.share for channel in CHANNELS])[0]
        sign_up(world, world.new_id("c"), channel, None)
    await_arrival(world, inflow)


def sign_up(world: World, customer_id: str, channel: Channel, referrer: str | None) -> None:
    """Sign a customer up now; what they came for follows within minutes."""
    dice = world.dice
    customer = introduce(world, customer_id, channel, referrer)
    wish = dice.random()
    soon = dice.uniform(1, 30) * _MINUTE
    if wish < 0.50:
        world.after(soon, beginnings.begin, customer, choose_plan(world), dice.random() < 0.85)
    elif wish < 0.80:
        world.after(soon, beginnings.begin, customer, FREE, False)
    if wish >= 0.80 or dice.random() < 0.3:
        world.after(2 * soon, shopping.visit, customer, True)


def introduce(world: World, customer_id: str, channel: Channel, referrer: str | None) -> Customer:
    """Tell that a customer signs up now, and return them."""
    dice = world.dice
    currency = dice.choices([code for code, _ in CURRENCIES], [share for _, share in CURRENCIES])[0]
    known = (
        {"channel": channel.name} if referrer is None else {"channel": channel.name, "referred_by": referrer}
    )
    world.tell("customer.signed_up", customer_id=customer_id, **known)
    return Customer(customer_id, channel, currency, dice.gammavariate(0.7, 0.7) * channel.quality)


def choose_plan(world: World) -> Plan:
    """Draw the paid plan that a customer begins with."""
    return world.dice.choices(PLANS, (0.62, 0.28, 0.10))[0]
