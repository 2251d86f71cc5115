"""What customers bought on which days."""

import pytest

from schemas.instants import DAY
from tests.domain.events import figures
from tests.domain.records.test_many_orders import orders


@pytest.mark.parametrize("as_of", [-400 * DAY, -1, 0, 1, DAY, 2 * DAY])
def test_figures_of_long_before_computers_are_computed_too(as_of: int) -> None:
    assert figures(orders(3), as_of) is not None
