"""The decision to leave: asked again and again, answered by plan, customer and the churn knob."""

from service.simulation.catalogue import FREE, REASONS
from service.simulation.seasons import MONTH
from service.simulation.subscription import Subscription, end, say
from service.simulation.world import MAX_CHURN, World


def ask_later(world: World, subscription: Subscription) -> None:
    """Plan the next moment at which a subscriber may decide to leave, as if the knob stood at its end."""
    plan = subscription.plan
    usual = plan.leaving * (1.0 if plan is FREE else world.leaving) / subscription.customer.channel.quality
    world.after(world.dice.expovariate(MAX_CHURN * usual / MONTH), ask, subscription)


def ask(world: World, subscription: Subscription) -> None:
    """Ask a subscriber whether they leave (thinning: a turn of the knob tells from the next question on)."""
    if subscription.status == "ended":
        return
    may_leave = subscription.status == "active" and not subscription.leaving
    if may_leave and world.dice.random() * MAX_CHURN < world.conditions.churn:
        _leave(world, subscription)
    ask_later(world, subscription)


def _leave(world: World, subscription: Subscription) -> None:
    """Leave at once, or at the end of the period; a few of the latter change their minds."""
    dice = world.dice
    reason = draw_reason(world)
    if subscription.plan is FREE or dice.random() < 0.4:
        end(world, subscription, reason)
        return
    give_notice(world, subscription, reason)
    if dice.random() < 0.1:
        world.after(dice.random() * (subscription.due - world.now), stay_after_all, subscription)


def give_notice(world: World, subscription: Subscription, reason: str) -> None:
    """Announce that a subscription ends with its period."""
    subscription.leaving = True
    say(world, subscription, "cancel_scheduled", ends_at=world.text(subscription.due), reason=reason)


def stay_after_all(world: World, subscription: Subscription) -> None:
    """Take a scheduled cancellation back, if it has not taken effect."""
    if subscription.status != "ended" and subscription.leaving:
        subscription.leaving = False
        say(world, subscription, "cancel_unscheduled")


def draw_reason(world: World) -> str:
    """Draw a reason for leaving; those whom the churn knob adds leave over the price."""
    dice = world.dice
    if world.conditions.churn > 1 and dice.random() < 1 - 1 / world.conditions.churn:
        return "price"
    return dice.choices([reason for reason, _ in REASONS], [share for _, share in REASONS])[0]
