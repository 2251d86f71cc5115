"""The contract as an AsyncAPI 3 document: the topics, who writes them, their messages and keys."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.common import Event
from schemas.dead_letters import HEADERS
from schemas.insights import INSIGHTS
from schemas.json_schema import BEYOND, about, definitions
from schemas.topics import KEY_FIELD, KIND_OF, MODELS, Kind, type_of

_BINDING: Final = "0.5.0"

_ABOUT: Final = (
    "Events from which subpulse computes churn, retention, order value and lifetime value. One JSON object a "
    "record; the names of the topics are settings; all have the same number of partitions, and producers use "
    "Kafka's default (murmur2) partitioner. CloudEvents 1.0 is accepted in binary mode (ce_* headers) and "
    "structured mode (content-type application/cloudevents+json): what the data lacks of type, occurred_at "
    "and event_id comes from the attributes type, time and source#id."
)


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the whole contract."""
    sources = tuple(model for of_topic in MODELS.values() for model in of_topic)
    own = {"insights": _insights(), "deadLetters": _dead_letters()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "subpulse", "version": "1.0.0", "description": f"{_ABOUT} {BEYOND}"},
        "defaultContentType": "application/json",
        "channels": {kind: _channel(kind) for kind in MODELS} | own,
        "operations": {
            **{f"read{kind.capitalize()}": _operation("receive", kind) for kind in MODELS},
            "tell": _operation("send", "insights"),
            "refuse": _operation("send", "deadLetters"),
        },
        "components": {
            "messages": {
                **{model.__name__: _message(model, _event_key(model)) for model in sources},
                **{model.__name__: _message(model, "The event_id, in UTF-8.") for model in INSIGHTS},
                "DeadLetter": _dead_letter(),
            },
            "schemas": definitions(sources + INSIGHTS, "#/components/schemas/{model}"),
        },
    }


def _channel(kind: Kind) -> dict[str, Any]:
    return {
        "address": kind,
        "title": kind,
        "description": about(MODELS[kind]),
        "messages": _references(MODELS[kind]),
    }


def _references(models: tuple[type[Event], ...]) -> dict[str, Any]:
    return {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"} for model in models}


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _message(model: type[Event], key: str) -> dict[str, Any]:
    return {
        "name": type_of(model),
        "title": model.__name__,
        "summary": (model.__doc__ or "").partition("\n")[0],
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "bindings": _keyed(key),
    }


def _event_key(model: type[Event]) -> str:
    return f"The {KEY_FIELD[KIND_OF[type_of(model)]]} of the event, in UTF-8."


def _keyed(description: str) -> Mapping[str, Any]:
    return {"kafka": {"key": {"type": "string", "description": description}, "bindingVersion": _BINDING}}


def _insights() -> dict[str, Any]:
    return {
        "address": "subpulse-insights",
        "title": "insights",
        "description": f"{about(INSIGHTS)} A null value deletes what was said of somebody who was erased.",
        "messages": _references(INSIGHTS),
        "bindings": _cleaned("compact", "delete"),
    }


def _dead_letters() -> dict[str, Any]:
    return {
        "address": "subpulse-dead-letters",
        "title": "dead letters",
        "description": "Records that could not be used, each with the reason. Compacted.",
        "messages": {"DeadLetter": {"$ref": "#/components/messages/DeadLetter"}},
        "bindings": _cleaned("compact"),
    }


def _cleaned(*policy: str) -> dict[str, Any]:
    return {
        "kafka": {"topicConfiguration": {"cleanup.policy": list(policy)}, "bindingVersion": _BINDING},
    }


def _dead_letter() -> dict[str, Any]:
    return {
        "name": "dead_letter",
        "title": "DeadLetter",
        "summary": "A refused record, its value, headers and timestamp untouched, with headers that say why.",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "required": [name for name in HEADERS if name != "subpulse.key"],
            "properties": {name: {"type": "string", "description": text} for name, text in HEADERS.items()},
        },
        "payload": {"description": "The original value."},
        "bindings": _keyed("topic/partition/offset of the original record."),
    }
