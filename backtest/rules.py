"""The shipped rules: which of them some alerts rest on, and which figures these look at."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

SHIPPED = Path(__file__).parent.parent / "deploy" / "prometheus" / "rules"

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_WINDOW = re.compile(r'\bwindow\s*=~?\s*"([^"]*)"')
_BACK = re.compile(r"(?:\[|\boffset\s+)([0-9]+)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True)
class Rules:
    """Groups of rules as in Prometheus's rule files, in the order of their files."""

    groups: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, folder: Path = SHIPPED) -> "Rules":
        """All rules of a folder."""
        files = sorted(folder.glob("*.yml"))
        return cls(tuple(group for file in files for group in yaml.safe_load(file.read_text())["groups"]))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (rule for group in self.groups for rule in group["rules"])

    @property
    def alerts(self) -> dict[str, str]:
        """Name -> severity."""
        return {rule["alert"]: rule["labels"]["severity"] for rule in self if "alert" in rule}

    def behind(self, alerts: Collection[str]) -> "Rules":
        """These alerts, and the recording rules that they rest on, directly or not."""
        kept, wanted = set(alerts), set[str]()
        for rule in self:
            if rule.get("alert") in kept:
                wanted |= _names(rule)
        while more := {n for r in self if r.get("record") in wanted for n in _names(r)} - wanted:
            wanted |= more
        groups = []
        for group in self.groups:
            rules = [r for r in group["rules"] if r.get("alert") in kept or r.get("record") in wanted]
            if rules:
                groups.append({**group, "rules": rules})
        return Rules(tuple(groups))

    @property
    def metrics(self) -> set[str]:
        """The figures of subpulse that they look at."""
        names = {name for rule in self for name in _names(rule)}
        return {name for name in names if name.startswith("subpulse_")}

    @property
    def windows(self) -> tuple[str, ...]:
        """The windows that they name."""
        named = {w for rule in self for found in _WINDOW.findall(rule["expr"]) for w in found.split("|")}
        return tuple(sorted(named))

    @property
    def reach(self) -> int:
        """Seconds that a rule may look back, at most."""
        return max((sum(_backs(rule["expr"])) for rule in self), default=0)

    @property
    def order(self) -> list[str]:
        """The names of the groups, each after those whose records it reads: steps are too far apart to read
        those of the step before.

        Raises:
            graphlib.CycleError: two groups read each other's records.
        """
        recorded = {
            rule["record"]: group["name"]
            for group in self.groups
            for rule in group["rules"]
            if "record" in rule
        }
        graph = {
            group["name"]: {recorded[n] for r in group["rules"] for n in _names(r) if n in recorded}
            - {group["name"]}
            for group in self.groups
        }
        return list(TopologicalSorter(graph).static_order())

    def as_file(self) -> dict[str, Sequence[dict[str, Any]]]:
        """As the document that Prometheus reads."""
        return {"groups": list(self.groups)}


def _names(rule: dict[str, Any]) -> set[str]:
    return set(_NAME.findall(_TEXT.sub("", rule["expr"])))


def _backs(expression: str) -> list[int]:
    """The longest range and the longest offset of an expression, in seconds."""
    longest = {"[": 0, "o": 0}
    for found in _BACK.finditer(expression):
        kind = found[0][0]
        longest[kind] = max(longest[kind], int(found[1]) * _SECONDS[found[2]])
    return list(longest.values())
