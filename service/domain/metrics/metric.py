"""A metric and one figure of it."""

from typing import Literal, NamedTuple

PREFIX = "subpulse_"

Value = int | float | None


class Figure(NamedTuple):
    """One number. `value` is None where a ratio has no denominator."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: Value


class Metric(NamedTuple):
    """A name with its meaning and its exact label set; an internal one is added up but never shown."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "gaugehistogram", "internal"] = "gauge"
    over_currencies: bool = False  # whether sums over several currencies mean anything

    def figure(self, labels: tuple[str, ...], value: Value, suffix: str = "") -> Figure:
        """The figure of this metric with these label values."""
        return Figure(PREFIX + self.name + suffix, tuple(zip(self.labels, labels, strict=True)), value)


def internal(name: str, *labels: str) -> Metric:
    """A measure that only other figures are made of."""
    return Metric(name, "", labels, "internal")
