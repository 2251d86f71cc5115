"""JSON Schema of the contract, from the models: one document per topic, for producers in any language."""

import sys
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from schemas.common import Event
from schemas.insights import INSIGHTS
from schemas.topics import MODELS, Kind

BEYOND: Final = (
    "Beyond what a schema can say: integers are written without a fraction (1999.0 is refused); the record "
    "is UTF-8 without a byte order mark; no string, not even in an ignored field, has lone surrogates; "
    "every instant lies in the years 1 to 9999 in UTC too and is cut, not rounded, to microseconds; amounts "
    "inside one order share its currency; price times quantity within one event is at most 2^53; of "
    "duplicate keys the last wins; null in an optional field means absent."
)


class _Plain(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        """Titles that only repeat the name of a field are noise."""
        return False


def json_schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a source topic's records: one of its events."""
    return _one_of(kind, MODELS[kind], f"{about(MODELS[kind])} {BEYOND}")


def insights_schema() -> dict[str, Any]:
    """The JSON Schema of what subpulse says about customers."""
    return _one_of("insights", INSIGHTS, about(INSIGHTS))


def _one_of(topic: str, models: tuple[type[Event], ...], description: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:subpulse:contract:{topic}",
        "title": f"Events of the topic {topic}",
        "description": description,
        "oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in models],
        "$defs": definitions(models, "#/$defs/{model}"),
    }


def definitions(models: tuple[type[Event], ...], template: str) -> dict[str, Any]:
    """The schemas of these events and of their parts, which refer to each other by `template`."""
    _, schema = models_json_schema(
        [(model, "validation") for model in models], ref_template=template, schema_generator=_Plain
    )
    found: dict[str, Any] = schema["$defs"]
    for definition in found.values():
        definition["description"] = _unwrapped(definition["description"])
    return found


def about(models: tuple[type[Event], ...]) -> str:
    """What a topic is for: the docstring of the file that holds its models, in one paragraph."""
    return _unwrapped(sys.modules[models[0].__module__].__doc__ or "")


def _unwrapped(docstring: str) -> str:
    return " ".join(docstring.split())
