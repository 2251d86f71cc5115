"""What was said of single customers: each thing once, and in the end that which is so."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.endurance.row import Row
from tests.oracle.insights import DAY, Teller
from tests.oracle.instants import instant

DAYS = 365  # the most that workers look back
SETTINGS = {"insights": "true", "insights_since": "2020-01-01T00:00:00Z", "insights_days": str(DAYS)}
CERTAIN_DAYS = DAYS - 3  # workers may have looked last on an earlier day than this check does
KINDS = ("customer.churned", "customer.reactivated")


def faults_of(rows: list[Row], events: list[dict], as_of: int, erased: Mapping[str, int]) -> Iterator[str]:
    """What is wrong with the records of the insights topic, a sentence each.

    `events`: all valid ones, in an order in which they may have arrived. `erased`: by customer the instant
    (microseconds) up to which its events were erased.
    """
    said = [json.loads(row.value) for row in rows if row.value is not None]
    twice = [name for name, count in Counter(one["event_id"] for one in said).items() if count > 1]
    if twice:
        yield f"{len(twice)} of {len(said)} insights were said more than once, such as {twice[0]}"
    deleted = {(row.key or b"").decode() for row in rows if row.value is None}
    theirs = {one["event_id"] for one in said if _at(one) <= erased.get(one["customer_id"], -1)}
    if left := theirs - deleted:
        yield f"{len(left)} of {len(theirs)} insights of erased customers are not deleted"
    expected = standing(events, as_of)
    found = {_whose(one): one["type"] for one in said if one["type"] in KINDS}
    wrong = [key for key, kind in expected.items() if key[0] not in erased and found.get(key) != kind]
    if wrong:
        yield f"of {len(wrong)} of {len(expected)} the last insight is not how they stand, such as {wrong[0]}"


def standing(events: list[dict], as_of: int) -> dict[tuple[str, str], str]:
    """Whether who has left or come back lately has left or is back, by customer and basis.

    By the defaults of the settings `insights_lapse_days` and so on; without models, which nothing of this
    depends on.
    """
    plain = Teller(
        as_of - CERTAIN_DAYS * DAY,
        ZoneInfo("UTC"),
        days=DAYS,
        lapse=90,
        overdue=Fraction(2),
        alive_below=0.5,
        models={},
        horizon=800 * DAY,
    )
    return {(one.customer, one.what): one.type for one in plain.look(events, as_of) if one.type in KINDS}


def _whose(one: dict[str, Any]) -> tuple[str, str]:
    return one["customer_id"], one["basis"]


def _at(one: dict[str, Any]) -> int:
    return instant(one["occurred_at"])
