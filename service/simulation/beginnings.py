"""How a subscription begins: trial or not, conversion, first charge and guarantee, the way up from free."""

from typing import Any

from schemas.instants import DAY
from service.simulation.catalogue import ANNUAL, COMPANY, FREE, QUARTERLY, Plan
from service.simulation.customers import Customer
from service.simulation.leaving import ask_later, draw_reason
from service.simulation.renewals import change, charge
from service.simulation.seasons import MONTH
from service.simulation.shopping import refund_order
from service.simulation.subscription import Subscription, end, say
from service.simulation.world import World

TRIAL_DAYS = 14


def begin(world: World, customer: Customer, plan: Plan, on_trial: bool) -> Subscription:
    """Start a subscription now, on trial or at once, and return it."""
    seats = 2 + int(world.dice.expovariate(1 / 6)) if plan is COMPANY else 1
    status = "trialing" if on_trial else "active"
    trial_ends = world.now + TRIAL_DAYS * DAY
    subscription = Subscription(world.new_id("s"), customer, plan, seats, status, trial_ends)
    if not on_trial:
        subscription.begin_period(world.now)
    world.subscriptions.append(subscription)
    terms: dict[str, Any] = {
        "plan": plan.name,
        "price": {"minor": plan.price, "currency": customer.currency},
        "interval": plan.interval,
        "channel": customer.channel.name,
        "trial_ends_at" if on_trial else "period_ends_at": world.text(subscription.due),
    }
    if plan is COMPANY:
        terms["quantity"] = seats
    say(world, subscription, "started", **terms)
    if on_trial:
        world.at(subscription.due, close_trial, subscription)
    else:
        _settle_in(world, subscription)
    return subscription


def close_trial(world: World, subscription: Subscription) -> None:
    """Convert a trial at its end or let it go; of those who go, half say so and half just let it lapse."""
    dice = world.dice
    if dice.random() < min(0.55 * subscription.customer.channel.quality, 0.9):
        subscription.status = "active"
        subscription.begin_period(world.now)
        say(world, subscription, "activated", period_ends_at=world.text(subscription.due))
        _settle_in(world, subscription)
    else:
        subscription.status = "ended"
        if dice.random() < 0.5:
            say(world, subscription, "ended", reason=draw_reason(world))


def _settle_in(world: World, subscription: Subscription) -> None:
    """Begin regular life: a first charge with its guarantee, and from now on the question whether to stay."""
    dice = world.dice
    if subscription.plan is FREE:
        world.after(dice.expovariate(0.025 / MONTH), upgrade, subscription)
    else:
        order_id = charge(world, subscription)
        if dice.random() < 0.045 / subscription.customer.channel.quality:
            world.after(dice.uniform(0.2, 13.8) * DAY, claim_guarantee, subscription, order_id)
    ask_later(world, subscription)


def claim_guarantee(world: World, subscription: Subscription, order_id: str) -> None:
    """Give the money of the first charge back and end the subscription, if it is still on."""
    if subscription.status == "active":
        refund_order(world, subscription.customer, order_id, subscription.fee, "refunded")
        end(world, subscription, "refunded")


def upgrade(world: World, subscription: Subscription) -> None:
    """Move a free subscription to a paid plan, with its first charge."""
    if subscription.status == "active":
        change(world, subscription, world.dice.choices((QUARTERLY, ANNUAL), (0.7, 0.3))[0], 1)
        charge(world, subscription)
