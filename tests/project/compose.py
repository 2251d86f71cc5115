"""docker-compose.yml as Compose reads it: variables replaced, profiles chosen."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / ".env.example"
THREE_BROKERS = ROOT / "deploy" / "compose" / "three-brokers.env"
_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")

Service = dict[str, Any]


def defaults() -> dict[str, set[str]]:
    """Every variable of the file, with the defaults that stand beside it."""
    found: dict[str, set[str]] = {}
    for name, default in _VARIABLE.findall(FILE.read_text()):
        found.setdefault(name, set()).add(default)
    return found


def variables(path: Path) -> dict[str, str]:
    """What an environment file says."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def project(given: dict[str, str] | None = None) -> dict[str, Any]:
    """The whole file with these variables; an empty one counts as not given."""
    known = {name: value for name, value in (given or {}).items() if value}
    text = _VARIABLE.sub(lambda found: known.get(found[1], found[2]), FILE.read_text())
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def services(given: dict[str, str] | None = None) -> dict[str, Service]:
    """The services that start with these variables, COMPOSE_PROFILES among them."""
    profiles = set((given or {}).get("COMPOSE_PROFILES", "").split(","))
    return {
        name: service
        for name, service in project(given)["services"].items()
        if not service.get("profiles") or profiles & set(service["profiles"])
    }
