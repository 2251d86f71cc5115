"""CloudEvents 1.0 on Kafka: events with an envelope around them, or with one in their headers.

Binary mode: the value is our event, `ce_*` headers are the attributes. Structured mode: `content-type` is
`application/cloudevents+json` and our event is the member `data` of the value. Fields in the data win; the
attributes fill only `type`, `occurred_at` and `event_id`, where the data has nothing or null.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Headers = Sequence[tuple[str, bytes]]

_STRUCTURED: Final = b"application/cloudevents+json"
_HEADERS: Final = {f"ce_{name}": name for name in ("specversion", "type", "time", "source", "id")}


def is_structured(headers: Headers) -> bool:
    """Whether the headers announce an envelope, so that the value is not the event itself."""
    return any(
        name.lower() == "content-type" and (value or b"").split(b";")[0].strip().lower() == _STRUCTURED
        for name, value in headers
    )


def unwrap(document: dict[str, Any], headers: Headers) -> dict[str, Any]:
    """The event's fields, completed from the attributes; ValueError, a sentence, if the envelope is wrong."""
    if not is_structured(headers):
        return _filled(document, _attributes(headers))
    if document.get("data_base64") is not None:
        raise ValueError("data_base64: expected the event as a JSON object in data instead")
    data = document.get("data")
    if not isinstance(data, dict):
        raise ValueError("data: expected a JSON object")
    return _filled(data, document)


def _attributes(headers: Headers) -> dict[str, str]:
    attributes = {}
    for header, value in headers:
        name = _HEADERS.get(header.lower())
        if name is not None and value is not None:
            try:
                attributes[name] = value.decode()
            except UnicodeDecodeError:
                raise ValueError(f"header ce_{name}: expected UTF-8") from None
    return attributes


def _filled(data: dict[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    if attributes.get("specversion") not in (None, "1.0"):
        raise ValueError("specversion: expected 1.0")
    source, number = attributes.get("source"), attributes.get("id")
    complete = isinstance(source, str) and isinstance(number, str) and source and number
    known = {
        "type": attributes.get("type"),
        "occurred_at": attributes.get("time"),
        "event_id": f"{source}#{number}" if complete else None,
    }
    missing = {name for name, value in known.items() if value is not None and data.get(name) is None}
    return data | {name: known[name] for name in missing}
