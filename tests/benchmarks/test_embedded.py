"""`./dev bench embedded`: both places do the job, and one that does not is found out."""

import pytest

from benchmarks.embedded import measuring
from benchmarks.embedded.measuring import PLACES, LostError, measure
from benchmarks.embedded.stores import Memory

CUSTOMERS, ORDERS = 150, 2_000


class Forgetful(Memory):
    """One that keeps no order."""

    def add(self, orders):
        pass


@pytest.mark.parametrize("place", PLACES)
def test_every_order_is_in_its_record(place):
    assert measure(place, CUSTOMERS, ORDERS).cpu > 0


def test_a_place_that_loses_orders_is_not_measured(monkeypatch):
    monkeypatch.setitem(measuring.PLACES, "memory", Forgetful)
    with pytest.raises(LostError, match="12 orders of c-0000000 instead of 26"):
        measure("memory", CUSTOMERS, ORDERS)
