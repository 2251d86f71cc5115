"""Settings from options, environment and a TOML file, in this order; each remembers where it came from."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

from service.errors import UserError
from service.settings.model import Settings
from service.settings.reference import allowed, is_secret

PREFIX = "SUBPULSE_"
CONFIG_VARIABLE = "SUBPULSE_CONFIG"
REVISION_VARIABLE = "SUBPULSE_REVISION"  # of the image, shown as build_info
DEFAULT = "default"


class SettingsError(UserError):
    """Settings that cannot be used; the text has one sentence a line."""

    exit_code = 2


@dataclass(frozen=True)
class Loaded:
    """Settings, and for each field where its value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load(config: Path | None = None, options: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process.

    `config`: a TOML file, else that of SUBPULSE_CONFIG, else none. `options` win over everything; those
    that are None count as not given.

    Raises:
        SettingsError: a value or the file is wrong.
    """
    return load_with_origins(config, options).settings


def load_with_origins(
    config: Path | None = None,
    options: Mapping[str, Any] | None = None,
    spelling: Mapping[str, str] | None = None,
) -> Loaded:
    """As `load`, with the origin of each value in words; `spelling`: of options named unlike it."""
    given = {name: value for name, value in (options or {}).items() if value is not None}
    path = config or (Path(text) if (text := os.environ.get(CONFIG_VARIABLE)) else None)
    environment = EnvSettingsSource(Settings)()
    in_file, lines = _read(path) if path else ({}, {})
    origins = {
        **dict.fromkeys(Settings.model_fields, DEFAULT),
        **{name: f"file {path}, line {lines[name]}" if name in lines else f"file {path}" for name in in_file},
        **{name: f"environment variable {PREFIX}{name.upper()}" for name in environment},
        **{name: f"option {(spelling or {}).get(name, option_name(name))}" for name in given},
    }
    try:
        settings = Settings(**{**in_file, **environment, **given})
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(found, origins) for found in error.errors())) from None
    return Loaded(settings, origins)


def option_name(name: str) -> str:
    """The command line option of a setting."""
    return "--" + name.replace("_", "-")


def unknown_variables() -> list[str]:
    """Environment variables that look like settings of ours but are none, most likely misspelt."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE, REVISION_VARIABLE}
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )


def _read(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The values of a TOML file, and the line of each."""
    try:
        text = path.read_text("utf-8")
        values = TomlConfigSettingsSource(Settings, path)()
    except OSError as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings file {path} is not TOML: {error}") from None
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"""\s*\[*\s*["']?([A-Za-z0-9_-]+)""", line):
            lines.setdefault(found[1], number)
    return values, {name: lines[name] for name in values if name in lines}


def _sentence(error: Any, origins: Mapping[str, str]) -> str:
    """One error of pydantic in our words: which setting, what it may be, what it is, where that was said."""
    if not error["loc"]:
        return f"settings: {error['ctx']['error']}"
    name = str(error["loc"][0])
    origin = origins.get(name, DEFAULT)
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = f"did you mean {close[0]}?" if close else "`subpulse settings` lists them all"
        return f"setting {name} ({origin}): there is no such setting; {hint}"
    said = "" if is_secret(name) else f", not {_shown(error['input'])}"
    why = f" ({error['ctx']['error']})" if error["type"] == "value_error" else ""
    return f"setting {name} ({origin}): must be {allowed(name)}{said}{why}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "…"
