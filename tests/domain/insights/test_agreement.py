"""What is said against the oracle, scan by scan, whatever the order of arrival, repetitions and crashes."""

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.insights import INSIGHTS
from schemas.instants import format_instant
from schemas.topics import type_of
from service.domain.insights import Business, Rules
from service.domain.metrics import Definitions
from service.domain.metrics.fits import BG_NBD, Fit
from tests.domain.insights.watched import Watched
from tests.oracle.agreement import decoded
from tests.oracle.businesses import business
from tests.oracle.insights import DAY, Model, Said, Teller
from tests.oracle.instants import instant

NOW = instant("2025-03-30T21:30:00Z")
ZONES = ("UTC", "Europe/Berlin", "America/Havana", "Asia/Kathmandu")
MODELS = {"EUR": Model(0.5, 4.0, 0.8, 2.5), "USD": Model(0.3, 9.0, 1.2, 1.5)}
OVERDUE = Fraction(3, 2)
SEEDS = range(5)
MOVED = (825_283_502, 988_378_944)  # where a late order moves the beginning of a silence
HORIZON_DAYS = 800  # the fewer, the faster
MODEL_OF = {type_of(model): model for model in INSIGHTS}


class Story:
    """A business, the instants at which it is looked at, and which events have arrived by each look."""

    def __init__(self, seed: int, *, late: float) -> None:
        rng = random.Random(seed)
        self.zone, self.days, self.lapse = rng.choice(ZONES), rng.choice((20, 60, 400)), rng.choice((7, 90))
        self.since = NOW - rng.choice((30, 200, 600)) * DAY
        steps = [rng.choice((1, 1_000, DAY // 3, DAY, 9 * DAY, 70 * DAY)) for _ in range(8)]
        self.looks = sorted({NOW, *(NOW - sum(steps[:n]) for n in range(8))})
        self.arrivals: list[list[dict]] = [[] for _ in self.looks]
        odd = [e for e in business(seed, NOW, self.zone, customers=6) if e["type"] != "spend.recorded"]
        for event in (*odd, *regulars(rng, NOW - rng.choice((0, 30, 200)) * DAY)):
            due = next((n for n, at in enumerate(self.looks) if at >= instant(event["occurred_at"])), None)
            if due is not None:
                delay = rng.choice((1, 2, 5)) if rng.random() < late else 0
                self.arrivals[min(due + delay, len(self.looks) - 1)].append(event)

    def expected(self) -> list[list[Said]]:
        """What is said at each look."""
        teller = Teller(
            self.since,
            ZoneInfo(self.zone),
            days=self.days,
            lapse=self.lapse,
            overdue=OVERDUE,
            alive_below=0.5,
            models=MODELS,
            horizon=HORIZON_DAYS * DAY,
        )
        known: list[dict] = []
        said = []
        for as_of, arrived in zip(self.looks, self.arrivals, strict=True):
            known += arrived
            said.append(teller.look(known, as_of))
        return said

    def found(self, seed: int, *, crashes: bool = True) -> list[list[dict[str, Any]]]:
        """What a partition says at each look, its events shuffled and repeated by a seed."""
        rng, definitions = random.Random(seed), Definitions(time_zone=self.zone, horizon_days=HORIZON_DAYS)
        rules = Rules(self.days, self.lapse, OVERDUE, 0.5)
        fits = {(BG_NBD, currency): Fit(tuple(model), 0.0, 100, 0) for currency, model in MODELS.items()}
        watched = Watched(self.since, definitions, rules, Business(fits, None))
        said = []
        for as_of, arrived in zip(self.looks, self.arrivals, strict=True):
            events = [*map(decoded, arrived)] * rng.choice((1, 1, 2))
            rng.shuffle(events)
            for part in (events[::2], events[1::2]):
                watched.arrive(part)
                if crashes and rng.random() < 0.2:
                    watched.crash()
                if rng.random() < 0.3 and watched.partition.sayings.watch:
                    watched.checkpoint()
            before = len(watched.topic)
            watched.look(as_of)
            if crashes and rng.random() < 0.3:
                watched.crash()
                watched.look(as_of)
            watched.checkpoint()
            said.append(watched.topic[before:])
            if crashes and rng.random() < 0.2:
                watched.crash()
        return said


def regulars(rng: random.Random, until: int) -> Iterator[dict]:
    """Customers who order at their own pace and then fall silent; some orders are cancelled."""
    for number in range(6):
        pace, at = rng.choice((2, 5, 12, 30)), until
        for turn in range(rng.randint(2, 9)):
            order_id = f"r{turn}"
            event = {"customer_id": f"regular {number}", "order_id": order_id, "event_id": f"p{order_id}"}
            money = {
                "minor": 1_000 + turn,
                "currency": rng.choice(("EUR", "EUR", "USD", "KWD")[: 1 + number]),
            }
            yield {"type": "order.placed", "occurred_at": format_instant(at), "amount": money, **event}
            if rng.random() < 0.1:
                later = format_instant(at + rng.choice((1, 40)) * DAY)
                yield {"type": "order.cancelled", "occurred_at": later, **event, "event_id": f"c{order_id}"}
            at -= pace * DAY + rng.choice((0, 1, 3 * DAY // 2))


def test_stories_hold_everything_that_can_be_said() -> None:
    told = {
        (said.type, said.what, bool(said.corrects))
        for seed in SEEDS
        for look in Story(seed, late=0.3).expected()
        for said in look
    }
    plain = [("churned", "orders"), ("churned", "subscription"), ("reactivated", "orders")]
    risks = ("past_due", "cancellation_scheduled", "overdue", "probability_alive")
    corrected = [("churned", "orders"), ("reactivated", "orders"), ("churned", "subscription")]
    assert told >= {(f"customer.{kind}", basis, False) for kind, basis in plain}
    assert told >= {("customer.at_risk", risk, False) for risk in risks}
    assert told >= {(f"customer.{kind}", basis, True) for kind, basis in corrected}


def as_said(event: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Said:
    MODEL_OF[event["type"]].model_validate(event)
    corrected = by_id[event["corrects"]] if "corrects" in event else None
    risk = event["type"] == "customer.at_risk"
    return Said(
        event["type"],
        event["reason"] if risk else event["basis"],
        event["customer_id"],
        instant(event["occurred_at"]),
        event.get("plan"),
        None if risk else event.get("reason"),
        event.get("reason_class"),
        corrected and (corrected["type"], instant(corrected["occurred_at"])),
        instant(event["ends_at"]) if "ends_at" in event else None,
        instant(event["last_order_at"]) if "last_order_at" in event else None,
        event.get("usual_days"),
        event.get("probability_alive"),
    )


def same(expected: list[list[Said]], found: list[list[dict[str, Any]]]) -> None:
    by_id: dict[str, dict[str, Any]] = {}
    for look, events in enumerate(found):
        for event in events:
            assert event["event_id"] not in by_id, "said twice"
            by_id[event["event_id"]] = event
        told, due = (
            sorted(each, key=str) for each in ((as_said(event, by_id) for event in events), expected[look])
        )
        assert [alive_aside(said) for said in told] == [alive_aside(said) for said in due], f"look {look}"
        alive = [said.probability_alive for said in due]
        assert [said.probability_alive for said in told] == pytest.approx(alive), f"look {look}"


def alive_aside(said: Said) -> Said:
    """Without the one number that floating point may tell in two ways."""
    return said._replace(probability_alive=None)


@pytest.mark.parametrize("late", [0.0, 0.3])
@pytest.mark.parametrize("seed", [*SEEDS, *MOVED])
def test_what_is_said_is_what_the_oracle_says(seed: int, late: float) -> None:
    story = Story(seed, late=late)
    same(story.expected(), story.found(seed))
