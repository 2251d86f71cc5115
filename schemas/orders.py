"""Topic `orders`: purchases, and what takes them back. Keyed by `customer_id`."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.common import CustomerEvent, Identifier, Label, Money, Part, Quantity, Reason


class Item(Part):
    """One line of an order."""

    sku: Label
    quantity: Quantity
    amount: Annotated[Money, Field(description="Of the whole line, in the currency of the order.")]


class OrderPlaced(CustomerEvent):
    """A customer bought something.

    The same `order_id` placed twice is one order. `amount` is what the customer pays; an amount of 0 is a
    free order. The sum of the items is not compared with it.
    """

    type: Literal["order.placed"] = Field(init=False)
    order_id: Annotated[Identifier, Field(description="Unique within the customer.")]
    amount: Money
    items: list[Item] | None = None
    channel: Annotated[Label | None, Field(description="Where the customer came from.")] = None
    subscription_id: Annotated[Identifier | None, Field(description="The subscription it pays for.")] = None

    def check(self) -> None:
        """All items are in the currency of the order."""
        if self.items is not None:
            currency = self.amount.currency
            for item in self.items:
                if item.amount.currency != currency:
                    raise ValueError("items: expected the currency of the order in every amount")


class OrderRefunded(CustomerEvent):
    """Money went back to the customer. It counts on its own day and never removes the order."""

    type: Literal["order.refunded"] = Field(init=False)
    order_id: Identifier
    amount: Annotated[Money, Field(description="What went back this time; it may be a part of the order.")]
    reason: Reason | None = None


class OrderCancelled(CustomerEvent):
    """The order is void: it is taken out on the day it was placed, whichever event arrives first."""

    type: Literal["order.cancelled"] = Field(init=False)
    order_id: Identifier
    reason: Reason | None = None
