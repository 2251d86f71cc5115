"""What a founder would check in the books: lives that make sense, charges that fit, seasons, channels."""

from collections import Counter, defaultdict
from datetime import datetime

from schemas.instants import parse_instant
from service.simulation.catalogue import SHELF

DAY = 86_400_000_000

_FROM = {
    "started": {None: "new"},
    "activated": {"trialing": "active"},
    "renewed": {"active": "active"},
    "changed": {"active": "active"},
    "paused": {"active": "paused"},
    "resumed": {"paused": "active"},
    "payment_failed": {"active": "past_due"},
    "payment_recovered": {"past_due": "active"},
    "cancel_scheduled": {"active": "active"},
    "cancel_unscheduled": {"active": "active"},
    "ended": {"active": "ended", "trialing": "ended", "paused": "ended", "past_due": "ended"},
}


def _of(story, topic):
    return [event for event in story if event["type"].startswith(topic)]


def test_no_subscription_does_what_its_status_does_not_allow(story):
    status, seen = {}, set()
    for event in _of(story, "subscription."):
        key, transition = event["subscription_id"], event["type"].removeprefix("subscription.")
        after = _FROM[transition].get(status.get(key), "forbidden")
        assert after != "forbidden", (status.get(key), event)
        status[key] = ("trialing" if "trial_ends_at" in event else "active") if after == "new" else after
        seen.add(status[key])
    assert seen == {"trialing", "active", "past_due", "paused", "ended"}


def test_every_charge_is_an_order_of_price_times_seats(story):
    terms, charges = {}, Counter()
    for event in story:
        if event["type"] in ("subscription.started", "subscription.changed"):
            known = terms.setdefault(event["subscription_id"], {"quantity": 1})
            known.update({name: event[name] for name in ("price", "quantity", "plan") if name in event})
        elif event["type"] == "order.placed" and "subscription_id" in event:
            known = terms[event["subscription_id"]]
            assert event["amount"]["minor"] == known["price"]["minor"] * known["quantity"] > 0
            assert event["amount"]["currency"] == known["price"]["currency"]
            charges[known["plan"]] += 1
    assert set(charges) == {"quarterly", "annual", "company"}


def test_every_renewal_is_charged_at_its_instant(story):
    charged = {
        (event["subscription_id"], event["occurred_at"])
        for event in _of(story, "order.placed")
        if "subscription_id" in event
    }
    renewals = _of(story, "subscription.renewed")
    assert renewals
    assert all((event["subscription_id"], event["occurred_at"]) in charged for event in renewals)


def test_money_goes_back_under_the_guarantee_only_within_fourteen_days(story):
    placed = {event["order_id"]: event for event in _of(story, "order.placed")}
    claims = [event for event in _of(story, "order.refunded") if event["reason"] == "refunded"]
    assert claims
    for claim in claims:
        order = placed[claim["order_id"]]
        assert claim["amount"] == order["amount"]
        assert parse_instant(claim["occurred_at"]) - parse_instant(order["occurred_at"]) < 14 * DAY


def test_a_basket_costs_the_sum_of_its_items(story):
    baskets = [event for event in _of(story, "order.placed") if "items" in event]
    assert len({len(event["items"]) for event in baskets}) >= 3
    prices = dict(SHELF)
    for event in baskets:
        costs = [prices[item["sku"]] * item["quantity"] for item in event["items"]]
        assert [item["amount"]["minor"] for item in event["items"]] in (costs, [0] * len(costs))
        assert event["amount"]["minor"] == sum(item["amount"]["minor"] for item in event["items"])


def test_nobody_is_referred_who_was_not_invited_by_that_customer(story):
    invitations = {(event["invitee"], event["customer_id"]) for event in _of(story, "customer.invited")}
    guests = [event for event in _of(story, "customer.signed_up") if "referred_by" in event]
    assert guests
    assert all((event["customer_id"], event["referred_by"]) in invitations for event in guests)


def test_weekends_are_quieter_and_the_second_year_brings_more_than_the_first(story):
    signups = [event for event in _of(story, "customer.signed_up") if "referred_by" not in event]
    baskets = [event for event in _of(story, "order.placed") if "items" in event]
    weekdays = Counter(datetime.fromisoformat(event["occurred_at"]).weekday() for event in signups + baskets)
    assert (weekdays[5] + weekdays[6]) / 2 < 0.88 * sum(weekdays[day] for day in range(5)) / 5
    days = [datetime.fromisoformat(event["occurred_at"]) for event in signups]
    first = min(days)
    years = Counter((day - first).days // 365 for day in days)
    assert years[1] > 1.2 * years[0]


def test_a_good_channel_converts_more_of_its_trials_than_a_bad_one(story):
    channel = {event["customer_id"]: event["channel"] for event in _of(story, "customer.signed_up")}
    trials, converted = defaultdict(int), defaultdict(int)
    for event in _of(story, "subscription."):
        if "trial_ends_at" in event:
            trials[channel[event["customer_id"]]] += 1
        elif event["type"] == "subscription.activated":
            converted[channel[event["customer_id"]]] += 1
    assert converted["partner"] / trials["partner"] > 1.3 * converted["social"] / trials["social"]


def test_every_paid_channel_is_paid_for_every_day(story):
    records = Counter(event["channel"] for event in _of(story, "spend."))
    assert records == dict.fromkeys(("search", "social", "podcast", "partner"), 730)
