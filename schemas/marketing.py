"""Topic `marketing`: money spent to win customers. Keyed by `channel`."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.common import Event, Label, Money


class SpendRecorded(Event):
    """Money was spent on a channel."""

    type: Literal["spend.recorded"] = Field(init=False)
    channel: Annotated[Label, Field(description="The same names as in the customers' events.")]
    amount: Money
