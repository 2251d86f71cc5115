"""One-off orders: baskets that follow the seasons, with cancellations, refunds and some free samples."""

from typing import Any

from schemas.instants import DAY, HOUR
from service.simulation.catalogue import SHELF
from service.simulation.customers import Customer, perhaps_refer
from service.simulation.seasons import MONTH, next_among
from service.simulation.world import World

_POPULARITY = [1 / (rank + 1.5) for rank in range(len(SHELF))]


def visit(world: World, customer: Customer, buys: bool) -> None:
    """Buy now (if `buys`) and plan the next visit, unless the interest in one-off goods is gone."""
    if buys:
        _order(world, customer)
        if world.dice.random() < 0.12:
            return
    span, next_buys = next_among(world, MONTH / max(customer.taste, 0.02))
    world.after(span, visit, customer, next_buys)


def _order(world: World, customer: Customer) -> None:
    dice = world.dice
    order_id = world.new_id("o")
    free = dice.random() < 0.01
    items: list[dict[str, Any]] = []
    for sku, price in dict.fromkeys(dice.choices(SHELF, _POPULARITY, k=dice.choice((1, 1, 1, 2, 2, 3)))):
        quantity = dice.choice((1, 1, 1, 1, 2, 3))
        minor = 0 if free else price * quantity
        items.append(
            {"sku": sku, "quantity": quantity, "amount": {"minor": minor, "currency": customer.currency}}
        )
    amount = {"minor": sum(item["amount"]["minor"] for item in items), "currency": customer.currency}
    world.tell(
        "order.placed",
        customer_id=customer.id,
        order_id=order_id,
        amount=amount,
        items=items,
        channel=customer.channel.name,
    )
    luck = dice.random()
    if luck < 0.015:
        world.after(dice.uniform(0.2, 40) * HOUR, cancel_order, customer, order_id)
    elif luck < 0.055 and not free:
        money = amount if dice.random() < 0.7 else items[0]["amount"]
        world.after(dice.uniform(1, 30) * DAY, refund_order, customer, order_id, money, "product")
    elif luck > 0.5:
        perhaps_refer(world, customer)
    if luck >= 0.055 and not free:
        perhaps_regret(world, customer, order_id, amount)


def perhaps_regret(world: World, customer: Customer, order_id: str, amount: dict[str, Any]) -> None:
    """Want the money of a new order back within two days, while that happens more often than usual."""
    if world.conditions.strikes(world.conditions.refunding):
        span = world.conditions.luck.uniform(0.1, 2) * DAY
        world.after(span, refund_order, customer, order_id, amount, "product")


def cancel_order(world: World, customer: Customer, order_id: str) -> None:
    """Cancel an order now."""
    world.tell("order.cancelled", customer_id=customer.id, order_id=order_id, reason="requested")


def refund_order(world: World, customer: Customer, order_id: str, money: dict[str, Any], reason: str) -> None:
    """Refund an order now, wholly or in part; `money` is on the contract."""
    world.tell("order.refunded", customer_id=customer.id, order_id=order_id, amount=money, reason=reason)
