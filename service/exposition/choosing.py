"""Which figures a question asks for, by its query parameters. Pure."""

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from service.domain.metrics import CATALOGUE, Definitions, Figure
from service.domain.metrics.customers import BASES
from service.domain.metrics.history import NOW_ALONE
from service.domain.metrics.metric import PREFIX
from service.exposition.business import OWNER, STATE

NAMES = frozenset(name.removeprefix(PREFIX) for name in (*CATALOGUE, *OWNER, *STATE))
LABELS = frozenset({"le"}.union(*(metric.labels for metric in CATALOGUE.values())))


class Wanted(NamedTuple):
    """Which figures: names without prefix (none: all), and of each label the values (any one of them)."""

    names: frozenset[str]
    labels: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, query: Any, definitions: Definitions, others: Collection[str] = ()) -> "Wanted":
        """By query parameters: `name`, with or without prefix, and any label, each perhaps several times.
        `others` are no labels.

        Raises:
            ValueError: there is no such figure, label, window or basis; the text is a sentence for whoever
                asked.
        """
        labels = {label: frozenset(query.getall(label)) for label in query if label not in ("name", *others)}
        if unknown := sorted(labels.keys() - LABELS):
            raise ValueError(f"{unknown[0]}: there is no such parameter, and no figure has such a label")
        for label, values in (("window", definitions.measured_windows), ("basis", BASES)):
            if unknown := sorted(labels.get(label, frozenset()).difference(values)):
                raise ValueError(f"{label}: {unknown[0]!r} is none of {', '.join(values)}")
        return cls(cls.named(query.getall("name", ())).names, labels)

    @classmethod
    def named(cls, names: Iterable[str]) -> "Wanted":
        """Those of these names, whatever their labels. Raises ValueError as `of` does."""
        chosen = frozenset(name.removeprefix(PREFIX) for name in names)
        if unknown := sorted(chosen - NAMES):
            alike = get_close_matches(unknown[0], NAMES, 1)
            raise ValueError(f"name: there is no figure {unknown[0]!r}" + (f"; {alike[0]}?" if alike else ""))
        return cls(chosen, {})

    def refuse_what_is_of_now(self) -> None:
        """Raises ValueError, a sentence, if something is wanted that is told for now alone."""
        if ours := sorted(self.names & NOW_ALONE):
            raise ValueError(f"name: {ours[0]} is told for now alone, not for the past")

    def holds(self, figure: Figure) -> bool:
        """Whether this figure is one of them."""
        if self.names and figure.name.removeprefix(PREFIX) not in self.names:
            return False
        labels = dict(figure.labels)
        return all(labels.get(label) in values for label, values in self.labels.items())


def once(query: Any, names: Collection[str] | None = None) -> dict[str, str]:
    """The parameters with these names (None: all), each with its value.

    Raises:
        ValueError: one stands there several times; the text is a sentence for whoever asked.
    """
    for name in dict.fromkeys(query):
        if (names is None or name in names) and len(query.getall(name)) > 1:
            raise ValueError(f"{name}: stands there {len(query.getall(name))} times; say it once")
    return {name: query[name] for name in query if names is None or name in names}
