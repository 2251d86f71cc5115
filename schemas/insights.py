"""Topic `insights`: what subpulse says about one customer, so that others can act on it. Keyed by `event_id`;
its partition is that of the customer's events, so what is said of one customer keeps its order."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.common import CustomerEvent, EventId, Instant, Label, Part, Reason

Basis = Literal["orders", "subscription"]
ChurnReason = Literal[Reason, "paused", "free_plan"]
ReasonClass = Literal["voluntary", "involuntary", "refunded", "unknown"]
Risk = Literal["past_due", "cancellation_scheduled", "overdue", "probability_alive"]
Segment = Literal["champions", "loyal", "new", "promising", "at_risk", "hibernating", "lost"]

Plan = Annotated[Label | None, Field(description="Of the subscription with the highest annual value.")]


class Insight(CustomerEvent):
    """Base of what is said: `occurred_at` is when it came about, and lies before `as_of`."""

    as_of: Annotated[Instant, Field(description="The instant at which it was found, by all known by then.")]
    corrects: Annotated[
        EventId | None,
        Field(description="The event_id of what was said before and has turned out not to be so."),
    ] = None


class CustomerChurned(Insight):
    """A customer is not active any more: nothing is paid for, or nothing was ordered for too long."""

    type: Literal["customer.churned"] = Field(init=False)
    basis: Basis
    plan: Plan = None
    reason: Annotated[ChurnReason | None, Field(description="Basis subscription only.")] = None
    reason_class: ReasonClass | None = None


class CustomerReactivated(Insight):
    """A customer who had churned is active again."""

    type: Literal["customer.reactivated"] = Field(init=False)
    basis: Basis
    plan: Plan = None


class CustomerAtRisk(Insight):
    """Something has begun that often comes before a customer leaves, and goes on."""

    type: Literal["customer.at_risk"] = Field(init=False)
    reason: Risk
    plan: Plan = None
    ends_at: Annotated[Instant | None, Field(description="When a scheduled cancellation takes effect.")] = (
        None
    )
    last_order_at: Annotated[Instant | None, Field(description="Reasons about orders only.")] = None
    usual_days: Annotated[
        float | None, Field(gt=0, description="Days between two days with an order, so far; mean.")
    ] = None
    probability_alive: Annotated[float | None, Field(ge=0, le=1, description="As the day begins.")] = None


class Thresholds(Part):
    """The borders between scores by which a day's segments were told; `made_at` names them."""

    made_at: Instant
    as_of: Annotated[Instant, Field(description="Of the figures that they were taken from.")]
    recency: Annotated[
        tuple[int, ...],
        Field(description="Up to how many days after the last order a customer has score 2, 3, 4, 5."),
    ]
    frequency: Annotated[
        tuple[int, ...],
        Field(description="From how many orders in 365 days on a customer has score 2, 3, 4, 5."),
    ]


class SegmentChanged(Insight):
    """A customer is in another RFM segment as the local day begins."""

    type: Literal["segment.changed"] = Field(init=False)
    before: Segment
    after: Segment
    thresholds: Thresholds


INSIGHTS: Final[tuple[type[Insight], ...]] = (
    CustomerChurned,
    CustomerReactivated,
    CustomerAtRisk,
    SegmentChanged,
)
"""In the order of the contract."""
