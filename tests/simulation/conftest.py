"""Simulated stories that the tests of this room share."""

from collections.abc import Callable
from functools import cache

import pytest

from service.simulation import Established, business
from service.simulation.founding import BEFORE
from service.simulation.scenarios import Scenario, load
from service.simulation.world import Event

DAY = 86_400_000_000
START = 1_700_000_000_000_000

Tell = Callable[..., list[Event]]


@pytest.fixture(scope="session")
def story() -> list[Event]:
    """Two years of a business with some 2,000 customers."""
    return list(business(seed=7, start=START, days=730, customers=2_000))


@pytest.fixture(scope="session")
def tell() -> Tell:
    """`tell("churn-spike", 5, days=30)`: what a scenario that begins on day 0 tells from then on."""

    @cache
    def told(
        name: str, strength: float | None = None, days: int = 30, paying: int = 1_200, seed: int = 1
    ) -> list[Event]:
        scenario = load(name, strength, paying=paying)
        return list(live(scenario.beginning(0) if scenario.changes else scenario, days, seed))

    return told


def live(scenario: Scenario, days: int, seed: int) -> list[Event]:
    """What is told in the days from day 0 on."""
    told = Established(seed, START, scenario)
    for _ in told.until(START - 1):
        pass
    return list(told.until(START + days * DAY))


__all__ = ["BEFORE", "DAY", "START", "Tell", "live"]
