"""What each setting may be, in words: for error sentences, `subpulse settings` and docs/configuration.md."""

from types import NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from service.settings.model import Settings

HIDDEN = "(hidden)"


def allowed(name: str) -> str:
    """What the setting may be."""
    field = Settings.model_fields[name]
    if isinstance(field.json_schema_extra, dict):
        return str(field.json_schema_extra["allowed"])
    if get_origin(field.annotation) is Literal:
        return f"one of {', '.join(get_args(field.annotation))}"
    low, high = _bound(field, Ge, "ge"), _bound(field, Le, "le")
    if low is not None and high is not None:
        return f"{'a whole number' if field.annotation is int else 'a number'} from {low:,} to {high:,}"
    return "any text"


def meaning(name: str) -> str:
    """What the setting does."""
    return Settings.model_fields[name].description or ""


def is_secret(name: str) -> bool:
    """Whether its value must never be shown."""
    annotation = Settings.model_fields[name].annotation if name in Settings.model_fields else None
    return SecretStr in {annotation, *get_args(annotation)} - {NoneType}


def shown(name: str, value: Any) -> str:
    """A value as a person would write it; secrets hidden, empty where there is none."""
    if value is None:
        return ""
    if is_secret(name):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    return (
        ",".join(value)
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def default(name: str) -> str:
    """Its default, as a person would write it."""
    return shown(name, Settings.model_fields[name].get_default(call_default_factory=True))


def _bound(field: FieldInfo, kind: type, attribute: str) -> Any:
    return next((getattr(bound, attribute) for bound in field.metadata if isinstance(bound, kind)), None)


def markdown() -> str:
    """The reference of all settings: docs/configuration.md."""
    return "\n".join([_INTRODUCTION, *map(_row, Settings.model_fields), ""])


def _row(name: str) -> str:
    usual = f"`{default(name)}`" if default(name) else ""
    return f"| `{name}` | {usual} | {meaning(name)} | {allowed(name)} |"


_INTRODUCTION = """\
# Configuration

<!-- Written by `subpulse settings --markdown`; a test fails when it differs. -->

First to last, a setting is looked for in the options of a command (`--set NAME=VALUE`, or one of its own),
in the environment (`SUBPULSE_` and its name in capitals), in a TOML file (`--config FILE`, `SUBPULSE_CONFIG`)
and in its default. An empty environment variable counts as not set. `subpulse settings` shows what holds and
where each value came from.

```toml
# subpulse.toml
brokers = "kafka-1:9093,kafka-2:9093"
security_protocol = "SASL_SSL"
sasl_mechanism = "SCRAM-SHA-512"
sasl_username = "subpulse"
sasl_password_file = "/run/secrets/kafka-password"
time_zone = "Europe/Berlin"
windows = ["24h", "72h", "7d", "30d", "90d", "last_quarter"]
```

All workers of one application need the same settings where they change figures (`time_zone`, `windows`,
`horizon_days`, `guarantee_days`, `margin`, `label_limit`, `currency_limit`): summaries of others are refused.

| setting | default | what it means | what it may be |
|---|---|---|---|"""
