"""A business that is up and running on its day 0: a year of growth before it, then an even keel.

In that year its first customers ("founders") come evenly, on top of the usual inflow, which from the first
day on is as large as what a business of the full size loses. All constants below were measured on the
simulation itself; tests hold the result to them.
"""

from math import exp

from schemas.instants import DAY
from service.simulation import beginnings, shopping
from service.simulation.arrivals import Inflow, choose_plan, introduce
from service.simulation.catalogue import CHANNELS
from service.simulation.scenarios.model import Concern
from service.simulation.seasons import MONTH
from service.simulation.world import World

YEAR_BEFORE = 365
"""Days in which the founders come, at the beginning."""

SETTLING = 60
"""Days after that, until the guarantees of the last founders are over."""

BEFORE = YEAR_BEFORE + SETTLING
"""Days of history before day 0."""

_UNAVOIDABLE, _BY_CHOICE = 0.012, 0.0173
"""Monthly churn: by dunning, guarantee and pauses; and by people's choice at the catalogue's rates."""

_A_DAY = 1.1
"""How many stop paying from day to day, for one who is lost between the ends of a month: that does not tell
of those who come within it and leave, and forgives those who leave and come back."""

_PAYING_PER_SIGN_UP = 0.45
"""Customers who begin to pay, sooner or later, for one who signs up by themselves."""


def leaving(concern: Concern) -> float:
    """Return by what the catalogue's rates of leaving are to be multiplied."""
    return (concern.monthly_churn - _UNAVOIDABLE) / _BY_CHOICE


def usual_departures(concern: Concern) -> float:
    """Return the share of the paying customers who usually stop paying in a microsecond."""
    return concern.monthly_churn * _A_DAY / MONTH


def inflow(concern: Concern, start: int) -> Inflow:
    """Return the sign-ups that make up for the churn on day 0."""
    lost_a_day = concern.paying * concern.monthly_churn * DAY / MONTH
    before = exp(-concern.growth * BEFORE / 365.25)
    return Inflow(start, lost_a_day / _PAYING_PER_SIGN_UP * before, concern.growth)


def await_founders(world: World, concern: Concern) -> None:
    """Plan the founders of a year from now."""
    until = world.now + YEAR_BEFORE * DAY
    stay = exp(-concern.monthly_churn * YEAR_BEFORE * DAY / MONTH)
    a_month = concern.paying * concern.monthly_churn * stay / (1 - stay)
    _await(world, a_month / MONTH, until)


def _await(world: World, rate: float, until: int) -> None:
    gap = world.dice.expovariate(rate)
    if world.now + gap < until:
        world.after(gap, _arrive, rate, until)


def _arrive(world: World, rate: float, until: int) -> None:
    """A founder comes to subscribe, and now and then shops as well."""
    channel = world.dice.choices(CHANNELS, [channel.share * channel.quality**2 for channel in CHANNELS])[0]
    customer = introduce(world, world.new_id("c"), channel, None)
    beginnings.begin(world, customer, choose_plan(world), False)
    if world.dice.random() < 0.3:
        shopping.visit(world, customer, False)
    _await(world, rate, until)
