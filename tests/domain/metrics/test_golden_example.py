"""The golden example of definitions.md, section 3, figure by figure."""

from datetime import UTC, datetime

import pytest

from schemas import fast
from service.domain.metrics import Definitions
from tests.domain.events import figures

SECOND_QUARTER, THIRD_QUARTER = (
    {"2": 5000, "3": 6000, "4": 7000},
    {"1": 5000, "2": 5000, "3": 4000, "5": 6000},
)


def micros(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


def orders() -> list[fast.OrderPlaced]:
    return [
        fast.OrderPlaced(
            event_id=f"{month}-{company}",
            occurred_at=micros(2026, month, 15),
            customer_id=company,
            order_id=f"{month}-{company}",
            amount=fast.Money(minor=100 * euros, currency="EUR"),
        )
        for month, bought in ((5, SECOND_QUARTER), (8, THIRD_QUARTER))
        for company, euros in bought.items()
    ]


@pytest.mark.parametrize(
    "as_of", [micros(2026, 10, 1), micros(2026, 11, 24, 9), micros(2026, 12, 31, 23, 59, 59)]
)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customers_at_start", 3),
        ("customers_at_end", 4),
        ("customers_new", 2),
        ("customers_retained", 2),
        ("customers_churned", 1),
        ("customers_reactivated", 0),
        ("retention_ratio", 2 / 3),
        ("churn_ratio", 1 / 3),
        ("net_replacement_ratio", 2.0),
        ("average_order_value", 5000.0),
        ("purchase_frequency", 1.0),
    ],
)
def test_the_golden_example_at_any_as_of_in_the_fourth_quarter(as_of: int, name: str, value: float) -> None:
    found = [
        figure.value
        for figure in figures(orders(), as_of, Definitions(windows=("last_quarter",))).figures
        if figure.name == f"subpulse_{name}" and ("basis", "subscription") not in figure.labels
    ]
    assert found == [value]
