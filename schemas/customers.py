"""Topic `customers`: who they are, how they came, and their wish to be forgotten. Keyed by `customer_id`."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.common import CustomerEvent, Identifier, Label


class CustomerSignedUp(CustomerEvent):
    """Somebody registered. It needs no purchase and no subscription."""

    type: Literal["customer.signed_up"] = Field(init=False)
    channel: Annotated[Label | None, Field(description="Where the customer came from.")] = None
    referred_by: Annotated[Identifier | None, Field(description="The customer_id of who sent them.")] = None


class CustomerInvited(CustomerEvent):
    """A customer invited somebody. Invitations are counted; `invitee` is not kept."""

    type: Literal["customer.invited"] = Field(init=False)
    invitee: Identifier | None = None


class CustomerErased(CustomerEvent):
    """The person must be forgotten. Their subscriptions end; no figure of the past changes."""

    type: Literal["customer.erased"] = Field(init=False)
