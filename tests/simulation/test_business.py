"""The story as a whole: on the contract, in order, told again in the same words, and quickly."""

import json
import time
from collections import Counter
from itertools import pairwise

import pytest

from schemas.decode import TOPICS, decode, type_name
from schemas.instants import parse_instant
from service.simulation import Business, business

DAY = 86_400_000_000
START = 1_700_000_000_000_000

KIND = {"order": "orders", "subscription": "subscriptions", "customer": "customers", "spend": "marketing"}


def test_every_event_is_valid_on_the_contract(story):
    for event in story:
        kind = KIND[event["type"].split(".")[0]]
        decoded = decode(kind, json.dumps(event).encode())
        assert type_name(decoded) == event["type"]


def test_every_type_of_the_contract_is_told_but_erasure(story):
    told = {event["type"] for event in story}
    assert len(told) == sum(len(types) for types in TOPICS.values()) - 1
    assert "customer.erased" not in told


def test_events_come_in_order_and_none_lies_outside_the_asked_time(story):
    instants = [parse_instant(event["occurred_at"]) for event in story]
    assert all(earlier <= later for earlier, later in pairwise(instants))
    assert instants[0] >= START
    assert instants[-1] <= START + 730 * DAY


def test_no_event_id_is_used_twice(story):
    assert len({event["event_id"] for event in story}) == len(story)


def test_the_same_seed_tells_the_same_story_and_another_one_does_not():
    first, again, other = (list(business(seed, START, 60, 300)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_story_read_in_pieces_is_the_same_story():
    whole = list(Business.opened(3, START, 200, 500).until(START + 200 * DAY))
    reader = Business.opened(3, START, 200, 500)
    pieces = [event for hour in range(0, 200 * 24 + 1, 7) for event in reader.until(START + hour * DAY // 24)]
    pieces += reader.until(START + 200 * DAY)
    assert pieces == whole


def test_about_as_many_customers_sign_up_by_themselves_as_were_asked_for(story):
    signups = Counter("referred_by" in event for event in story if event["type"] == "customer.signed_up")
    assert 1_800 <= signups[False] <= 2_200
    assert 50 <= signups[True] <= 1_000


def test_a_hundred_thousand_events_take_a_few_seconds():
    began = time.process_time()
    events = sum(1 for _ in business(5, START, 730, 18_000))
    assert events >= 100_000
    assert time.process_time() - began < 10


@pytest.mark.parametrize("times", [-0.1, 25.1])
def test_the_churn_knob_refuses_what_lies_beyond_its_ends(times):
    with pytest.raises(ValueError, match="between 0 and 25"):
        Business.opened(1, START).churn = times


def _departures(churn: float) -> Counter:
    simulated = Business.opened(11, START, 365, 3_000)
    for _ in simulated.until(START + 365 * DAY):
        pass
    simulated.churn = churn
    told = simulated.until(START + 395 * DAY)
    return Counter(
        event["reason"]
        for event in told
        if event["type"] in ("subscription.ended", "subscription.cancel_scheduled")
        and event.get("reason") not in (None, "payment_failed", "refunded")
    )


def test_churn_rises_at_once_when_told_to_and_its_reason_is_the_price():
    calm, spike, none = _departures(1.0), _departures(6.0), _departures(0.0)
    assert spike.total() > 3 * calm.total()
    assert spike["price"] > 6 * calm["price"]
    assert none.total() < calm.total()
