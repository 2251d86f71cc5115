"""Short ways to write events and to ask for one figure, for examples worked out by hand."""

from fractions import Fraction
from itertools import count

from service.domain.metrics import Definitions
from tests.oracle.agreement import through_the_domain
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.labels import Value
from tests.oracle.recompute import recompute

AS_OF = "2025-10-10"
"""When stories are looked at, mostly: last_month is September, last_quarter July to September."""

_numbers = count()


def event(kind: str, at: str, customer: str = "c", event_id: str | None = None, **fields: object) -> dict:
    """An event of the contract; `at` is a date (its UTC midnight) or a full timestamp."""
    return {
        "type": kind,
        "event_id": event_id or f"event {next(_numbers)}",
        "occurred_at": stamp(at),
        "customer_id": customer,
        **fields,
    }


def stamp(at: str) -> str:
    """A date stands for its midnight in UTC."""
    return at if "T" in at else f"{at}T00:00:00Z"


def money(amount: str) -> dict:
    """`12.50 EUR` as an amount of the contract."""
    value, currency = amount.split()
    exponent = {"JPY": 0, "KWD": 3}.get(currency, 2)
    return {"minor": int(Fraction(value) * 10**exponent), "currency": currency}


def placed(order: str, at: str, amount: str, customer: str = "c", **fields: object) -> dict:
    return event("order.placed", at, customer, order_id=order, amount=money(amount), **fields)


def refunded(order: str, at: str, amount: str, customer: str = "c") -> dict:
    return event("order.refunded", at, customer, order_id=order, amount=money(amount))


def cancelled(order: str, at: str, customer: str = "c") -> dict:
    return event("order.cancelled", at, customer, order_id=order)


def started(
    at: str,
    price: str = "10 EUR",
    plan: str = "basic",
    trial: str | None = None,
    subscription: str = "s",
    customer: str = "c",
    interval: str = "month",
    **fields: object,
) -> dict:
    if trial is not None:
        fields["trial_ends_at"] = stamp(trial)
    return sub(
        "started", at, subscription, customer, plan=plan, price=money(price), interval=interval, **fields
    )


def sub(kind: str, at: str, subscription: str = "s", customer: str = "c", **fields: object) -> dict:
    return event(f"subscription.{kind}", at, customer, subscription_id=subscription, **fields)


def scheduled(at: str, ends_at: str, **fields: object) -> dict:
    return sub("cancel_scheduled", at, ends_at=stamp(ends_at), **fields)


class Told:
    """The figures of a story at an instant, by the oracle; the domain must tell the same."""

    def __init__(self, events: list[dict], as_of: str, **options: object) -> None:
        now = instant(stamp(as_of))
        self.figures = recompute(events, now, **options)
        found = through_the_domain(events, now, Definitions(**options), partitions=1)
        assert differences(self.figures, found, 1e-12) == []

    def __call__(self, name: str, **labels: str) -> Value:
        """One figure; KeyError when it is not listed. `class_` stands for class."""
        return self.figures[(f"subpulse_{name}", frozenset((k.rstrip("_"), v) for k, v in labels.items()))]

    def listed(self, name: str) -> list[dict[str, str]]:
        """The label sets of a name."""
        return [dict(labels) for known, labels in self.figures if known == f"subpulse_{name}"]

    def customers(self, kind: str, window: str = "last_month", basis: str = "subscription") -> Value:
        """customers_* over all plans."""
        return sum(
            value
            for (name, labels), value in self.figures.items()
            if name == f"subpulse_customers_{kind}"
            and {("window", window)} <= labels
            and dict(labels).get("basis", basis) == basis
        )

    def reasons(self, window: str = "last_month") -> dict[str, Value]:
        """reason -> customers churned for it."""
        return {
            dict(labels)["reason"]: value
            for (name, labels), value in self.figures.items()
            if name == "subpulse_customers_churned_by_reason" and ("window", window) in labels
        }


def statuses(story: list[dict], as_of: str = AS_OF) -> dict[tuple[str, str], int]:
    """(plan, status) -> subscriptions, those above 0."""
    told = Told(story, as_of)
    return {
        (labels["plan"], labels["status"]): told("subscriptions", **labels)
        for labels in told.listed("subscriptions")
        if told("subscriptions", **labels)
    }
