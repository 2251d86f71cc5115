"""What each scenario does to the business, as its books would show it."""

from collections import Counter

import pytest

from schemas.instants import parse_instant
from service.simulation import Established
from service.simulation.founding import usual_departures
from service.simulation.scenarios import Concern, load
from tests.simulation.conftest import DAY, START, Tell, live


def ended(told, *reasons):
    return [e for e in told if e["type"] == "subscription.ended" and e.get("reason") in reasons]


def plans(told):
    """Subscription -> its plan, of those that began in what was told."""
    return {e["subscription_id"]: e["plan"] for e in told if e["type"] == "subscription.started"}


@pytest.mark.parametrize("name", ["churn-spike", "payment-outage", "refund-wave", "launch-spike"])
def test_until_a_scenario_begins_it_tells_the_story_of_quiet(name, tell: Tell):
    moved = live(load(name, paying=200).beginning(10), 20, seed=3)
    quiet = live(load("quiet", paying=200), 20, seed=3)
    until = START + 10 * DAY
    before = [e for e in quiet if parse_instant(e["occurred_at"]) < until]
    assert before
    assert moved[: len(before)] == before
    assert moved != quiet


def test_a_churn_spike_adds_as_many_departures_as_its_times_say(tell: Tell):
    quiet, spike = tell("quiet", days=20), tell("churn-spike", 5, days=20)
    added = len(ended(spike, "price")) - len(ended(quiet, "price"))
    expected = 4 * usual_departures(Concern()) * 1_200 * 20 * DAY
    assert expected * 0.75 < added < expected * 1.25


def test_a_price_increase_drives_customers_of_one_plan_away_and_over_the_price(tell: Tell):
    told = tell("price-increase", 8, days=30)
    known = plans(tell("quiet", days=0) + told)
    leavers = Counter(known.get(e["subscription_id"]) for e in ended(told, "price"))
    assert len(ended(told, "price")) > 4 * len(ended(tell("quiet"), "price"))
    assert leavers["company"] + leavers["annual"] <= 3


def test_announced_churn_is_announced_before_it_is_booked(tell: Tell):
    quiet, told = tell("quiet", days=20), tell("announced-churn", 8, days=20)
    notices = [sum(e["type"] == "subscription.cancel_scheduled" for e in story) for story in (quiet, told)]
    assert notices[1] > 4 * notices[0]
    assert len(ended(told, "competitor")) <= len(ended(quiet, "competitor")) + 3


def test_an_outage_makes_charges_fail_and_ends_in_involuntary_churn_weeks_later(tell: Tell):
    told = tell("payment-outage", 1.0, days=30)
    failed = [e for e in told if e["type"] == "subscription.payment_failed"]
    renewed = [e for e in told if e["type"] == "subscription.renewed"]
    in_outage = START + 10 * DAY
    assert sum(parse_instant(e["occurred_at"]) < in_outage for e in failed) > 80
    assert not any(parse_instant(e["occurred_at"]) < in_outage for e in renewed)
    lost = [parse_instant(e["occurred_at"]) for e in ended(told, "payment_failed")]
    assert sum(at > START + 13 * DAY for at in lost) > 15


def test_a_bad_channel_brings_and_costs_more_and_converts_less(tell: Tell):
    stories = {"usual": tell("quiet", days=60), "bad": tell("bad-channel", 10, days=60)}
    signups, spent, converted = Counter(), Counter(), {}
    for name, told in stories.items():
        early = [e for e in told if parse_instant(e["occurred_at"]) < START + 30 * DAY]
        signups[name] = sum(e["type"] == "customer.signed_up" and e.get("channel") == "social" for e in early)
        spent[name] = sum(
            e["amount"]["minor"] for e in early if e["type"] == "spend.recorded" and e["channel"] == "social"
        )
        trials = {e["subscription_id"] for e in told if e.get("channel") == "social" and "trial_ends_at" in e}
        activated = {e["subscription_id"] for e in told if e["type"] == "subscription.activated"}
        converted[name] = len(trials & activated) / len(trials)
    assert 7 < signups["bad"] / signups["usual"] < 13
    assert 9 < spent["bad"] / spent["usual"] < 11
    assert converted["bad"] < 0.75 * converted["usual"]


def test_twenty_new_and_twenty_lost_cancel_each_other_out(tell: Tell):
    quiet, told = tell("quiet"), tell("twenty-new-twenty-lost", 4)
    lost = len(ended(told, "product")) - len(ended(quiet, "product"))
    won = sum(e.get("channel") == "campaign" for e in told if e["type"] == "customer.signed_up")
    assert lost > 80
    assert 0.75 < won / lost < 1.33


def test_a_refund_wave_gives_that_share_of_the_orders_back(tell: Tell):
    told = tell("refund-wave", 0.4, days=20)
    placed = {
        e["order_id"]: e["amount"]["minor"]
        for e in told
        if e["type"] == "order.placed" and parse_instant(e["occurred_at"]) < START + 14 * DAY
    }
    refunded = {e["order_id"] for e in told if e["type"] == "order.refunded"} & set(placed)
    assert 0.33 < len(refunded) / sum(minor > 0 for minor in placed.values()) < 0.52


def test_a_stall_withholds_everything_and_loses_nothing(tell: Tell):
    quiet, told = tell("quiet", days=5), tell("ingestion-stall", 1.0, days=5)
    assert sorted(e["event_id"] for e in told) == sorted(e["event_id"] for e in quiet)


def test_what_a_stall_withholds_comes_all_together_when_it_is_over():
    quiet = Established(1, START, load("quiet", paying=200))
    stalled = Established(1, START, load("ingestion-stall", 1.0, paying=200).beginning(2))
    begins, ends = START + 2 * DAY, START + 3 * DAY
    assert list(stalled.until(begins - 1)) == list(quiet.until(begins - 1))
    assert list(stalled.until(ends - 1)) == []
    assert list(stalled.until(ends)) == (withheld := list(quiet.until(ends)))
    assert withheld
    assert list(stalled.until(ends + DAY)) == list(quiet.until(ends + DAY))


def test_the_cohort_of_a_launch_leaves_after_thirty_days(tell: Tell):
    told = tell("launch-spike", 40, days=40)
    came = [e for e in told if e["type"] == "customer.signed_up" and e.get("channel") == "launch"]
    cohort = {e["customer_id"] for e in came}
    left = [
        parse_instant(e["occurred_at"])
        for e in told
        if e["type"] == "subscription.ended" and e["customer_id"] in cohort and e.get("reason") == "unused"
    ]
    assert max(parse_instant(e["occurred_at"]) for e in came) <= START + 2 * DAY
    assert len(cohort) > 60
    assert len(left) > 0.8 * len(cohort)
    assert sum(START + 27 * DAY < at < START + 35 * DAY for at in left) > 0.9 * len(left)
