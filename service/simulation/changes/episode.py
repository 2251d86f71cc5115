"""What a change has to know of the business that it befalls."""

from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

from service.simulation.arrivals import Inflow
from service.simulation.scenarios.model import Concern

C = TypeVar("C")


@dataclass(frozen=True)
class Episode(Generic[C]):
    """One change while it lasts: until the instant `until`; `dice` are its own."""

    change: C
    until: int
    concern: Concern
    inflow: Inflow
    dice: Random
