"""Where figures are written down, and how label values are bounded (definitions.md section 8)."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

Value = Fraction | float | int | None
Figures = dict[tuple[str, frozenset[tuple[str, str]]], Value]


class Sheet:
    """The figures, by name (with its prefix) and labels."""

    def __init__(self) -> None:
        self.figures: Figures = {}

    def put(self, name: str, value: Value, **labels: str) -> None:
        """Write a figure down. A trailing underscore of a label's name is dropped (`class_`)."""
        self.figures[self._key(name, labels)] = value

    def add(self, name: str, value: Fraction | int, **labels: str) -> None:
        """Add to a sum or a count that begins at 0."""
        key = self._key(name, labels)
        self.figures[key] = (self.figures.get(key) or 0) + value

    @staticmethod
    def _key(name: str, labels: dict[str, str]) -> tuple[str, frozenset[tuple[str, str]]]:
        return f"subpulse_{name}", frozenset((k.rstrip("_"), v) for k, v in labels.items())


class Bound:
    """At most `limit` values, by the number of customers that ever had them, ties alphabetical."""

    def __init__(
        self, values_of_each_customer: Iterable[Iterable[str]], limit: int, others: Iterable[str] = ()
    ) -> None:
        """`others`: values that no customer need ever have had."""
        counts = Counter(value for values in values_of_each_customer for value in set(values))
        counts.update(dict.fromkeys(others, 0))
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        self.kept = set(ranked[:limit])
        self.cut = len(ranked) > limit

    def __call__(self, value: str) -> str:
        """The label for a value; `-` stands for none, so it is never `other`."""
        return value if value in self.kept or value == "-" else "other"

    def labels(self) -> list[str]:
        """Every label of a value ever seen."""
        return sorted(self.kept | ({"other"} if self.cut else set()))


def ratio(part: Fraction | int | float, whole: Fraction | int | float) -> Value:
    """part / whole, exactly where both are exact; None without a denominator."""
    if whole == 0:
        return None
    if isinstance(part, float) or isinstance(whole, float):
        return float(part) / float(whole)
    return Fraction(part) / Fraction(whole)
