"""What the models of predicted value are fitted to: the domain's sums against plain loops."""

import random
from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from service.domain.metrics import Definitions, Summary, purchases, tenures
from tests.oracle import buying
from tests.oracle.agreement import summary_of_the_domain
from tests.oracle.businesses import business
from tests.oracle.instants import HOUR, instant
from tests.oracle.people import Person, gather
from tests.oracle.test_agreement import INSTANTS, ZONES

CURRENCIES = ("EUR", "USD", "JPY", "KWD")
DAY = 24 * HOUR


class Case:
    """A random business, what the domain sums up of it, and what is known of its people."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        zone, as_of = rng.choice(ZONES), instant(rng.choice(INSTANTS)) + rng.randrange(400 * DAY)
        days = rng.choice((365, 700, 2_200))
        events = business(seed, as_of, zone, customers=60, erasures=0.1, history=timedelta(days=900))
        definitions = Definitions(time_zone=zone, horizon_days=days)
        self.summary: Summary = summary_of_the_domain(events, as_of, definitions, seed=seed)
        self.people: dict[str, Person] = gather(events, as_of)
        self.place = (as_of, days * DAY, ZoneInfo(zone))


@pytest.fixture(params=range(8), scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def test_purchases_are_added_up_as_plain_loops_do(case: Case) -> None:
    bought = {
        currency: [b for p in case.people.values() if (b := buying.bought(p, currency, *case.place))]
        for currency in CURRENCIES
    }
    assert sum(one.frequency > 0 for ones in bought.values() for one in ones) > 5
    for metric, cells in (
        (purchases.BUYERS, buying.cells_by_recency(bought)),
        (purchases.SPENDERS, buying.cells_by_spend(bought)),
    ):
        found = case.summary.tally.moments[metric.name]
        assert found == {key: tuple(row) for key, row in cells.items()}


def test_tenures_are_counted_as_plain_loops_do(case: Case) -> None:
    left, stayed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for person in case.people.values():
        for currency in CURRENCIES:
            for tenure in buying.tenures(person, currency, *case.place):
                if tenure.known and tenure.goes_on:
                    stayed[currency, str(tenure.months - 1)] += 1
                elif tenure.known:
                    left[currency, str(tenure.months)] += 1
    assert left.total() > 5
    assert stayed.total() > 5
    assert case.summary.tally[tenures.LEFT] == left
    assert case.summary.tally[tenures.STAYED] == stayed


def test_what_is_paid_is_added_up_by_renewals_as_plain_loops_do(case: Case) -> None:
    expected = {
        (currency, str(renewals)): monthly
        for currency in CURRENCIES
        for renewals, monthly in buying.paid_by_renewals(case.people, currency, *case.place).items()
    }
    tally = case.summary.tally
    assert tally[tenures.CUSTOMERS] == {key: len(monthly) for key, monthly in expected.items()}
    assert tally[tenures.MONTHLY] == {key: sum(monthly) for key, monthly in expected.items()}
