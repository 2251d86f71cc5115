"""CloudEvents 1.0 on Kafka: where an event comes in an envelope, or with its envelope in the headers.

Binary mode: the value is our event, `ce_*` headers are the attributes. Structured mode: the header `content-type`
is `application/cloudevents+json` and the event is the member `data` of the value. Fields in the data win; the
attributes fill only `type`, `occurred_at` and `event_id`, and only where the data has nothing or null.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Headers = Sequence[tuple[str, bytes]]

STRUCTURED: Final = "application/cloudevents+json"
_ATTRIBUTES: Final = ("specversion", "type", "time", "source", "id")


def is_structured(headers: Headers) -> bool:
    """Whether the headers announce an envelope, so that the value is not the event itself."""
    for name, value in headers:
        if name.lower() == "content-type" and value is not None:
            return value.split(b";")[0].strip().lower() == STRUCTURED.encode()
    return False


def unwrap(document: dict[str, Any], headers: Headers) -> dict[str, Any]:
    """The event's fields, completed from the CloudEvents attributes; ValueError with a sentence if it cannot be."""
    if is_structured(headers):
        if document.get("data_base64") is not None:
            raise ValueError("data_base64: expected the event as a JSON object in data")
        data = document.get("data")
        if not isinstance(data, dict):
            raise ValueError("data: expected a JSON object")
        return _filled(data, document)
    attributes = _from_headers(headers)
    return _filled(document, attributes) if attributes else document


def _from_headers(headers: Headers) -> dict[str, str]:
    attributes = {}
    for name, value in headers:
        key = name.lower().removeprefix("ce_")
        if len(key) < len(name) and key in _ATTRIBUTES and value is not None:
            try:
                attributes[key] = value.decode("utf-8")
            except UnicodeDecodeError:
                raise ValueError(f"header ce_{key}: expected UTF-8") from None
    return attributes


def _filled(data: dict[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    if attributes.get("specversion", "1.0") != "1.0":
        raise ValueError("specversion: expected 1.0")
    source, identity = attributes.get("source"), attributes.get("id")
    known = {"type": attributes.get("type"), "occurred_at": attributes.get("time"), "event_id": None}
    if isinstance(source, str) and isinstance(identity, str) and source and identity:
        known["event_id"] = f"{source}#{identity}"
    return data | {
        name: value for name, value in known.items() if data.get(name) is None and value is not None
    }
