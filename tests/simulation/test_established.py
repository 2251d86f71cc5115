"""A business that is up and running: as large and as loyal as was asked for; everything on the contract."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.decode import decode, type_name
from schemas.instants import parse_instant
from service.domain.facts import Facts
from service.domain.metrics import Definitions, summarize, view
from service.domain.records import Limits, Partition
from service.replay import FileDecoder
from service.simulation import Established
from service.simulation.founding import usual_departures
from service.simulation.scenarios import Concern, Scenario, load, shipped
from tests.simulation.conftest import DAY, START, Tell, live

KIND = {"order": "orders", "subscription": "subscriptions", "customer": "customers", "spend": "marketing"}


def known(scenario: Scenario, days: int, seed: int = 5) -> Facts:
    """What the service knows on day `days`."""
    part, facts, decoder = Partition(Limits()), Facts(), FileDecoder(1 << 18)
    for event in Established(seed, START, scenario).until(START + days * DAY):
        part.apply(decoder.decode(json.dumps(event).encode()).event, 0)
    facts.update(part.draw())
    return facts


def figures(facts: Facts, day: int, *windows: str):
    """What the service says of a day."""
    definitions = Definitions(windows=windows)
    return view(summarize(facts, START + day * DAY, definitions), definitions).figures


def value(found, name, **labels):
    wanted = labels.items()
    return sum(f.value for f in found if f.name == f"subpulse_{name}" and wanted <= dict(f.labels).items())


@pytest.mark.parametrize("churn", [0.03, 0.08])
def test_size_and_churn_are_about_what_was_asked_for(churn):
    scenario = Scenario(summary="x", business=Concern(paying=1_000, monthly_churn=churn))
    found = figures(known(scenario, 90), 90, "30d", "90d")
    quarterly = value(found, "churn_ratio", basis="subscription", window="90d")
    monthly = 1 - (1 - quarterly) ** (30 / 90)
    assert 0.85 * churn < monthly < 1.15 * churn
    at_start = value(found, "customers_at_start", basis="subscription", window="90d")
    at_end = value(found, "customers_at_end", basis="subscription", window="90d")
    assert 850 < at_start < 1_150
    assert 0.93 < at_end / at_start < 1.07


def test_a_day_loses_as_many_as_scenarios_take_for_usual():
    concern = Concern(paying=1_500, monthly_churn=0.08)
    facts = known(Scenario(summary="x", business=concern), 120)
    days = [figures(facts, day, "24h") for day in range(1, 121)]
    lost, there = (
        sum(value(found, f"customers_{kind}", basis="subscription", window="24h") for found in days)
        for kind in ("churned", "at_start")
    )
    assert lost / there == pytest.approx(usual_departures(concern) * DAY, rel=0.05)


def test_growth_grows():
    still, growing = (
        Scenario(summary="x", business=Concern(paying=300, growth=growth)) for growth in (0.0, 2.0)
    )
    signups = [
        sum(e["type"] == "customer.signed_up" for e in live(scenario, 200, 2))
        for scenario in (still, growing)
    ]
    assert 1.4 < signups[1] / signups[0] < 2.6


@given(
    name=st.sampled_from(shipped()),
    strength=st.integers(0, 2),
    churn=st.sampled_from((0.015, 0.05, 0.2)),
    seed=st.integers(0, 2**64),
)
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_every_event_of_every_scenario_is_valid_on_the_contract(name, strength, churn, seed):
    strengths = load(name).strengths
    scenario = load(name, strengths[strength] if strengths else None, paying=60, monthly_churn=churn)
    for event in Established(seed, START, scenario.beginning(0)).until(START + 45 * DAY):
        kind = KIND[event["type"].split(".")[0]]
        assert type_name(decode(kind, json.dumps(event).encode())) == event["type"]


def test_a_copy_goes_on_as_the_original_does_until_something_befalls_it():
    original = Established(3, START, load("quiet", paying=150))
    for _ in original.until(START):
        pass
    copies = [original.copy() for _ in range(2)]
    copies[1].befall(load("price-increase", 8).beginning(5).changes, START)
    told, same, other = (list(business.until(START + 90 * DAY)) for business in (original, *copies))
    assert told
    assert same == told
    assert other != told


@pytest.mark.parametrize("name", ["churn-spike", "launch-spike"])
def test_the_same_seed_tells_the_same_scenario(name, tell: Tell):
    scenario = load(name, paying=100).beginning(0)
    first, again, other = (live(scenario, 30, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_events_come_in_order_and_each_id_once(tell: Tell):
    for name in ("churn-spike", "launch-spike", "bad-channel"):
        told = tell(name, None, 30) if name == "churn-spike" else live(load(name, paying=100), 60, 1)
        instants = [parse_instant(event["occurred_at"]) for event in told]
        assert instants == sorted(instants)
        assert len({event["event_id"] for event in told}) == len(told)
