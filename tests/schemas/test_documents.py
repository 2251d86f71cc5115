"""The exported documents are right by the official meta-schemas, and say what the models do."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from schemas.decode import Kind, Refused, decode
from schemas.documents import EXPORTED, documents
from schemas.insights import INSIGHTS
from schemas.instants import EARLIEST, LATEST
from schemas.topics import MODELS, type_of
from tests.schemas.events import STEADY, TYPES, dubious, events, written

KINDS: tuple[Kind, ...] = ("orders", "subscriptions", "customers", "marketing")
ASYNCAPI_SCHEMA = Path(__file__).parent / "asyncapi" / "3.0.0.json"


def exported(name: str) -> Any:
    return json.loads((EXPORTED / name).read_text(encoding="utf-8"))


@cache
def validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(exported(f"{kind}.schema.json"), format_checker=FormatChecker(["date-time"]))


def test_the_documents_in_the_repository_are_what_the_models_say() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in EXPORTED.iterdir()}
    assert found == documents(), "run `subpulse schemas export`"


@pytest.mark.parametrize("kind", [*KINDS, "insights"])
def test_a_topic_s_schema_is_valid_json_schema_2020_12(kind: str) -> None:
    schema = exported(f"{kind}.schema.json")
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


def test_the_asyncapi_document_is_valid_by_the_official_schema() -> None:
    official = json.loads(ASYNCAPI_SCHEMA.read_text(encoding="utf-8"))
    errors = [error.message for error in Draft7Validator(official).iter_errors(exported("asyncapi.json"))]
    assert errors == []


def test_the_official_schema_would_find_a_mistake() -> None:
    broken = exported("asyncapi.json")
    del broken["operations"]["readOrders"]["action"]
    official = json.loads(ASYNCAPI_SCHEMA.read_text(encoding="utf-8"))
    assert not Draft7Validator(official).is_valid(broken)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = exported("asyncapi.json")
    for reference in references(document):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


def test_the_asyncapi_document_names_every_event_in_its_channel() -> None:
    document = exported("asyncapi.json")
    messages = document["components"]["messages"]
    told = {"insights": tuple(type_of(model) for model in INSIGHTS)}
    for kind, names in (*TYPES.items(), *told.items()):
        found = [messages[name]["name"] for name in document["channels"][kind]["messages"]]
        assert found == list(names)


def test_every_event_and_field_of_every_topic_is_in_its_schema() -> None:
    for kind, models in (*MODELS.items(), ("insights", INSIGHTS)):
        definitions = exported(f"{kind}.schema.json")["$defs"]
        for model in models:
            fields = definitions[model.__name__]["properties"]
            assert set(fields) == set(model.model_fields)
            assert fields["type"]["const"] == type_of(model)
            assert "type" in definitions[model.__name__]["required"]


@STEADY
@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), events(kind))))
def test_a_right_event_is_right_by_its_schema(told: tuple[Kind, dict[str, Any]]) -> None:
    kind, event = told
    validator(kind).validate(event)


@STEADY
@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), dubious(kind))))
def test_schema_and_models_agree_on_dubious_events(told: tuple[Kind, dict[str, Any]]) -> None:
    kind, event = told
    accepted = is_accepted(kind, event)
    if accepted or not beyond_a_schema(event):
        assert validator(kind).is_valid(event) == accepted


def is_accepted(kind: Kind, event: Any) -> bool:
    try:
        decode(kind, written(event))
    except Refused:
        return False
    return True


def beyond_a_schema(event: dict[str, Any]) -> bool:
    """Whether something may be wrong that JSON Schema cannot say: see `schemas.json_schema.BEYOND`."""
    currencies = {part.get("currency") for part in parts(event) if isinstance(part.get("currency"), str)}
    whole_floats = any(isinstance(leaf, float) and leaf.is_integer() for leaf in leaves(event))
    price = event["price"].get("minor") if isinstance(event.get("price"), dict) else None
    quantity = event.get("quantity")
    product = price * quantity if isinstance(price, int) and isinstance(quantity, int) else 0
    outside = any(isinstance(leaf, str) and leads_outside(leaf) for leaf in leaves(event))
    return len(currencies) > 1 or whole_floats or product > 2**53 or outside


def parts(node: Any) -> list[dict[str, Any]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node] if isinstance(node, dict) else []
    return own + [part for value in inner for part in parts(value)]


def leaves(node: Any) -> list[Any]:
    if isinstance(node, dict | list):
        return [
            leaf for value in (node.values() if isinstance(node, dict) else node) for leaf in leaves(value)
        ]
    return [node]


def leads_outside(text: str) -> bool:
    """Whether this is an instant whose offset leads out of the years 1 to 9999."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.tzinfo is not None and not EARLIEST <= moment.timestamp() * 1e6 <= LATEST
    except (ValueError, OverflowError):
        return text[:4] in ("0001", "9999")
