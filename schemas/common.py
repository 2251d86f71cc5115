"""What the events of all topics share: the base of every model, and the types of their fields.

Models are strict (`"5"` and `5.0` are no integers), ignore fields they do not know, and take null in an
optional field for its absence. Lengths are counted in Unicode code points.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from schemas.currencies import CODES
from schemas.instants import PATTERN, format_instant, parse_instant

LARGEST_MINOR = 2**53
"""The largest amount in minor units: what every JSON library still reads exactly."""

LARGEST_QUANTITY = 2**31 - 1
"""The largest number of seats or of pieces."""

Instant = Annotated[
    int,
    PlainValidator(parse_instant, json_schema_input_type=str),
    PlainSerializer(format_instant, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": PATTERN}),
]
"""A point in time: an RFC 3339 text on the wire, microseconds since the Unix epoch (UTC) once validated."""

EventId = Annotated[str, Field(min_length=1, max_length=512)]
Identifier = Annotated[str, Field(min_length=1, max_length=256)]
Label = Annotated[str, Field(min_length=1, max_length=128)]
Quantity = Annotated[int, Field(ge=1, le=LARGEST_QUANTITY)]

if TYPE_CHECKING:
    Currency = str
else:
    Currency = Literal[CODES]

Reason = Literal[
    "requested",
    "price",
    "product",
    "competitor",
    "unused",
    "service",
    "other",
    "payment_failed",
    "dispute",
    "refunded",
    "unknown",
]
"""Why something ended or went back. `erased` is subpulse's own and refused from producers."""


def absent_as(default: int, kind: Any) -> BeforeValidator:
    """For an optional field with a default: null stands for absence, so it becomes the default."""

    def fill(value: Any) -> Any:
        return default if value is None else value

    return BeforeValidator(fill, json_schema_input_type=kind | None)


class Part(BaseModel):
    """Base of everything that is written on the wire, events and the objects inside them."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)

    def check(self) -> None:
        """The rules between fields; ValueError if one is broken. Compiled structs run the same method."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self.check()
        return self


class Money(Part):
    """An amount of money in whole minor units: EUR 19.99 is `{"minor": 1999, "currency": "EUR"}`."""

    minor: Annotated[int, Field(ge=0, le=LARGEST_MINOR, description="Minor units, as ISO 4217 defines them.")]
    currency: Annotated[Currency, Field(description="ISO 4217, current or historic, with a minor unit.")]


class Event(Part):
    """Base of every event."""

    type: str = Field(init=False)
    event_id: Annotated[
        EventId,
        Field(description="Identity of the event: one that comes again is the same event, not another."),
    ]
    occurred_at: Annotated[Instant, Field(description="When it happened, not when it was sent.")]


class CustomerEvent(Event):
    """Base of every event about one customer. Its record is keyed by `customer_id`."""

    customer_id: Annotated[Identifier, Field(description="Compared byte by byte: case and blanks matter.")]
