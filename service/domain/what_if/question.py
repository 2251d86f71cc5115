"""What is to change: checked, and nothing else."""

from dataclasses import asdict, dataclass
from math import isfinite


@dataclass(frozen=True)
class Question:
    """What changes. Points are per cent of customers a year; `minimum_order` is in major units of `currency`.

    Raises:
        ValueError: values that cannot be, or that say nothing without another.
    """

    retention_points: float = 0.0
    aov_percent: float = 0.0
    minimum_order: float | None = None
    currency: str | None = None
    plan: str | None = None
    price_percent: float | None = None

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, float) and not isfinite(value):
                raise ValueError(f"{name}: {value} is not a finite number")
        if not -100 <= self.retention_points <= 100:
            raise ValueError("retention_points: between -100 and 100")
        if not -100 < self.aov_percent <= 1_000:
            raise ValueError("aov_percent: above -100, up to 1000")
        if (self.minimum_order is None) != (self.currency is None):
            raise ValueError("minimum_order and currency belong together: give both or neither")
        if self.minimum_order is not None and self.minimum_order <= 0:
            raise ValueError("minimum_order: above 0")
        if (self.plan is None) != (self.price_percent is None):
            raise ValueError("plan and price_percent belong together: give both or neither")
        if self.price_percent is not None and not -100 < self.price_percent <= 1_000:
            raise ValueError("price_percent: above -100, up to 1000")
