"""The slow, exact judgement of a record: what is wrong with it, in the contract's order of checks.

Everything the compiled decoder refuses comes here, and the pydantic models have the last word.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas import cloudevents, strict_json
from schemas.cloudevents import Headers
from schemas.common import Event
from schemas.instants import MINUTE
from schemas.topics import MODELS, Kind, type_of

_BY_TYPE: Final[Mapping[Kind, Mapping[str, type[Event]]]] = {
    kind: {type_of(model): model for model in models} for kind, models in MODELS.items()
}

_EXPECTED: Final[Mapping[str, str]] = {
    "missing": "expected, and absent",
    "string_type": "expected a string",
    "string_too_short": "expected at least {min_length} character",
    "string_too_long": "expected at most {max_length} characters",
    "int_type": "expected an integer",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "literal_error": "expected {expected}",
    "model_type": "expected an object",
    "list_type": "expected an array",
    "value_error": "{error}",
}
"""What pydantic's kinds of error mean, in words for whoever produced the event."""

RefusalReason = Literal[
    "tombstone",
    "too_large",
    "not_json",
    "invalid",
    "unknown_type",
    "key_mismatch",
    "wrong_partition",
    "future_event",
    "customer_limit",
    "internal",
]
"""Why a record cannot be used, in the words of the contract."""

REASONS: Final[tuple[RefusalReason, ...]] = get_args(RefusalReason)
"""All of them, in the order in which a worker checks."""

FUTURE_LIMIT: Final = 10 * MINUTE
"""How long after its own record's timestamp an event may lie (microseconds); later is a `future_event`."""

FUTURE_DETAIL: Final = "occurred_at: at most 10 minutes after the record's timestamp"
LIMIT_DETAIL: Final = "customer_id: this customer holds as many as the settings allow"
"""Details of verdicts that are made elsewhere, with what the models cannot know."""


class Refused(Exception):  # noqa: N818 - a verdict on a record, not a failure
    """A record that cannot be used.

    `detail` names the field and what was expected, never the value.
    """

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def judge(kind: Kind, value: bytes, headers: Headers) -> Event:
    """The event of a record as its pydantic model, or Refused with the first reason that applies."""
    try:
        text, document = strict_json.read(value)
    except ValueError as error:
        raise Refused("not_json", str(error)) from None
    if not isinstance(document, dict):
        raise Refused("invalid", "expected a JSON object")
    try:
        fields = cloudevents.unwrap(document, headers)
    except ValueError as error:
        raise Refused("invalid", str(error)) from None
    name = fields.get("type")
    if not isinstance(name, str) or not name:
        raise Refused("invalid", "type: expected a string that is not empty")
    model = _BY_TYPE[kind].get(name)
    if model is None:
        raise Refused("unknown_type", f"type: expected one of {', '.join(_BY_TYPE[kind])}")
    if strict_json.has_lone_surrogate(text):
        raise Refused("invalid", "expected strings of Unicode characters, without lone surrogates")
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise Refused("invalid", _sentence(details[0])) from None


def _sentence(error: ErrorDetails) -> str:
    field = ".".join(map(str, error["loc"]))
    if field.endswith("currency") and error["type"] == "literal_error":
        return f"{field}: expected an ISO 4217 code with a minor unit"
    expected = _EXPECTED.get(error["type"], "expected another value").format(**error.get("ctx", {}))
    return f"{field}: {expected}" if field else expected
