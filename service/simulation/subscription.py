"""One subscription as in the business's books, and what every part of its life does: tell, and end."""

from dataclasses import dataclass
from typing import Any

from schemas.instants import DAY
from service.simulation.catalogue import FREE, Plan
from service.simulation.customers import Customer
from service.simulation.seasons import day_of_month, months_later
from service.simulation.world import World


@dataclass(slots=True)
class Subscription:
    """`status` as in the definitions, or `ended`; `due` is the end of the period or trial in progress, and
    `billing_day` the day of the month on which periods end, where the month is long enough."""

    id: str
    customer: Customer
    plan: Plan
    seats: int
    status: str
    due: int
    leaving: bool = False
    billing_day: int = 0

    @property
    def fee(self) -> dict[str, Any]:
        """The charge of a period, as money on the contract."""
        return {"minor": self.plan.price * self.seats, "currency": self.customer.currency}

    def begin_period(self, now: int) -> None:
        """Let a paid period begin."""
        self.billing_day = day_of_month(now, self.billing_day)
        self.due = months_later(now, self.plan.months, self.billing_day)


def say(world: World, subscription: Subscription, transition: str, **fields: Any) -> None:
    """Tell a transition of a subscription, now."""
    world.tell(
        f"subscription.{transition}",
        customer_id=subscription.customer.id,
        subscription_id=subscription.id,
        **fields,
    )


def end(world: World, subscription: Subscription, reason: str | None) -> None:
    """End a subscription now (no reason: that of its schedule); some come back later, without a trial."""
    dice = world.dice
    subscription.status = "ended"
    say(world, subscription, "ended", **({} if reason is None else {"reason": reason}))
    if subscription.plan is not FREE and dice.random() < (0.3 if reason == "payment_failed" else 0.14):
        span = dice.gammavariate(2, 45) * DAY
        world.after(span, world.begin, subscription.customer, subscription.plan, False)
