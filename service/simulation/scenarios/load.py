"""Scenarios from TOML files: shipped ones by their name, others by their path."""

import difflib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from service.errors import UserError
from service.simulation.scenarios.model import Scenario

STRENGTH = "strength"
"""Stands in a file wherever the strength of the scenario is meant."""

_SHIPPED = resources.files(__package__) / "shipped"


class ScenarioError(UserError):
    """A scenario that cannot be used; the text has one sentence a line."""

    exit_code = 2


def shipped() -> list[str]:
    """The names of the scenarios that come along."""
    files = (file.name for file in _SHIPPED.iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def load(name: str, strength: float | None = None, **business: float | None) -> Scenario:
    """The scenario of that name, or of the file if it ends in `.toml`.

    `strength`: else the one in the file. `business`: fields of the business that are not None win over the
    file's.

    Raises:
        ScenarioError: there is none, or something in it is wrong.
    """
    text = _read(name)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"scenario {name} is not TOML: {error}") from None
    if strength is not None:
        raw[STRENGTH] = strength
    given = {field: value for field, value in business.items() if value is not None}
    if given:
        raw["business"] = {**raw.get("business", {}), **given}
    parts = {part: raw[part] for part in ("business", "changes") if part in raw}
    filled: dict[str, Any] = _filled_in(parts, raw.get(STRENGTH, 1.0))
    if strength is not None and filled == parts:
        raise ScenarioError(f"scenario {name} has no strength: nothing in it becomes stronger or weaker")
    raw.update(filled)
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        raise ScenarioError("\n".join(_sentence(name, found) for found in error.errors())) from None


def _read(name: str) -> str:
    if name.endswith(".toml"):
        try:
            return Path(name).read_text("utf-8")
        except OSError as error:
            raise ScenarioError(f"the scenario file {name} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise ScenarioError(f"the scenario file {name} is not UTF-8: {error}") from None
    if name not in (known := shipped()):
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        raise ScenarioError(f"there is no scenario {name!r}; {hint} (a file of your own ends in .toml)")
    return (_SHIPPED / f"{name}.toml").read_text("utf-8")


def _filled_in(part: Any, strength: Any) -> Any:
    """The part of a file with the strength wherever it is meant."""
    if isinstance(part, dict):
        return {key: _filled_in(value, strength) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled_in(value, strength) for value in part]
    return strength if part == STRENGTH else part


def _sentence(name: str, error: Any) -> str:
    """One error of pydantic: which field, and what it should be."""
    kinds = {"leaving", "payments", "refunds", "channel", "newcomers", "stall"}
    steps = error["loc"]
    # After its number a change carries its kind, which is no step of the file.
    where = [step for place, step in enumerate(steps) if not (place == 2 and step in kinds)]
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).lstrip(".")
    if error["type"] == "extra_forbidden":
        return f"scenario {name}, {field}: there is no such field"
    if error["type"] == "missing":
        return f"scenario {name}, {field}: is missing"
    return f"scenario {name}, {field}: {error['msg']}, not {error['input']!r}"
