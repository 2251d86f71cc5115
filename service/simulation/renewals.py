"""Charges and what follows from them, period after period: renewal, new terms, a pause, dunning.

The diary holds one due date of a subscription at a time; one that was overtaken by its end does nothing.
"""

from typing import Any

from schemas.instants import DAY
from service.simulation.catalogue import ANNUAL, COMPANY, QUARTERLY, Plan
from service.simulation.customers import perhaps_refer
from service.simulation.leaving import draw_reason
from service.simulation.shopping import perhaps_regret
from service.simulation.subscription import Subscription, end, say
from service.simulation.world import World

_RETRIES = ((2, 0.45), (5, 0.35), (7, 0.25))
"""Dunning: days until each retry of a failed charge, and how often it succeeds."""


def charge(world: World, subscription: Subscription) -> str:
    """Take the fee of the period that begins now, plan its end, and return the order's id."""
    order_id = world.new_id("o")
    subscription.begin_period(world.now)
    world.tell(
        "order.placed",
        customer_id=subscription.customer.id,
        order_id=order_id,
        amount=subscription.fee,
        subscription_id=subscription.id,
    )
    world.at(subscription.due, fall_due, subscription)
    perhaps_regret(world, subscription.customer, order_id, subscription.fee)
    perhaps_refer(world, subscription.customer)
    return order_id


def fall_due(world: World, subscription: Subscription) -> None:
    """Close a paid period: leave as announced, pause, fail to pay, or simply renew."""
    if subscription.status != "active":
        return
    if subscription.leaving:
        end(world, subscription, None)
        return
    fate = world.dice.random()
    struck = world.conditions.strikes(world.conditions.failing)
    if fate < 0.012 and not struck:
        subscription.status = "paused"
        say(world, subscription, "paused")
        world.after(world.dice.uniform(20, 75) * DAY, resume, subscription)
    elif fate < 0.06 or struck:
        subscription.status = "past_due"
        say(world, subscription, "payment_failed")
        world.after(_RETRIES[0][0] * DAY, retry, subscription, 0)
    else:
        renew(world, subscription, _new_terms(world, subscription))


def renew(world: World, subscription: Subscription, terms: tuple[Plan, int] | None = None) -> None:
    """Renew now for another period, on new terms (plan, seats) if given, and charge for it."""
    if terms is not None:
        change(world, subscription, *terms)
    subscription.begin_period(world.now)
    say(world, subscription, "renewed", period_ends_at=world.text(subscription.due))
    charge(world, subscription)


def change(world: World, subscription: Subscription, plan: Plan, seats: int) -> None:
    """Change plan or seats now, without a charge."""
    fields: dict[str, Any] = {}
    if plan is not subscription.plan:
        fields["plan"] = plan.name
        fields["price"] = {"minor": plan.price, "currency": subscription.customer.currency}
        fields["interval"] = plan.interval
    if seats != subscription.seats:
        fields["quantity"] = seats
    subscription.plan, subscription.seats = plan, seats
    say(world, subscription, "changed", **fields)


def resume(world: World, subscription: Subscription) -> None:
    """Come back from a pause with a new period; some never do."""
    if world.dice.random() < 0.25:
        end(world, subscription, draw_reason(world))
    else:
        subscription.status = "active"
        say(world, subscription, "resumed")
        renew(world, subscription)


def retry(world: World, subscription: Subscription, attempt: int) -> None:
    """Try a failed charge again: recover, wait for the next attempt, or end after the last."""
    struck = world.conditions.strikes(world.conditions.failing)
    if world.dice.random() < _RETRIES[attempt][1] and not struck:
        subscription.status = "active"
        say(world, subscription, "payment_recovered")
        renew(world, subscription)
    elif attempt + 1 < len(_RETRIES):
        world.after(_RETRIES[attempt + 1][0] * DAY, retry, subscription, attempt + 1)
    else:
        end(world, subscription, "payment_failed")


def _new_terms(world: World, subscription: Subscription) -> tuple[Plan, int] | None:
    """Draw new terms at a renewal: seats come and go, some move between quarterly and annual."""
    dice = world.dice
    fate = dice.random()
    if subscription.plan is COMPANY:
        if fate < 0.07:
            return COMPANY, subscription.seats + 1 + int(dice.expovariate(0.5))
        if fate < 0.11 and subscription.seats > 2:
            return COMPANY, subscription.seats - 1
    elif subscription.plan is QUARTERLY and fate < 0.06:
        return ANNUAL, 1
    elif subscription.plan is ANNUAL and fate < 0.05:
        return QUARTERLY, 1
    return None
