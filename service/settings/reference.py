"""What each setting may be, in words: for error sentences, `subpulse settings` and docs/configuration.md."""

from types import NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, MinLen
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
    return "a text that is not empty" if _bound(field, MinLen, "min_length") else "any text"


def meaning(name: str) -> str:
    """What the setting does."""
    return Settings.model_fields[name].description or ""


def is_secret(name: str) -> bool:
    """Whether its value must never be shown."""
    annotation = Settings.model_fields[name].annotation
    return SecretStr in {annotation, *get_args(annotation)} - {NoneType}


def shown(name: str, value: Any) -> str:
    """A value as a person would write it; secrets hidden, empty where there is none."""
    if value is None:
        return ""
    if is_secret(name):
        return HIDDEN
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
