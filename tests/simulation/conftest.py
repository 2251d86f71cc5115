"""One simulated story for all tests of this room."""

import pytest

from service.simulation import business
from service.simulation.world import Event

DAY = 86_400_000_000
START = 1_700_000_000_000_000


@pytest.fixture(scope="session")
def story() -> list[Event]:
    """Two years of a business with some 2,000 customers."""
    return list(business(seed=7, start=START, days=730, customers=2_000))
