"""Magnet products: against the oracle, under any order of arrival, and worked out by hand."""

import random

import pytest

from service.domain.metrics import Definitions
from tests.oracle.agreement import through_the_domain
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.labels import Figures
from tests.oracle.recompute import recompute
from tests.oracle.telling import AS_OF, event, money, placed, stamp

NOW = instant(stamp(AS_OF))
SHELF = [f"sku {number}" for number in range(24)]


def basket(*skus: str) -> list[dict]:
    return [{"sku": sku, "quantity": 1, "amount": money("1 EUR")} for sku in skus]


def shop(seed: int, customers: int = 300) -> list[dict]:
    """Some buy dear, and other things than the others; some everything; a few are erased."""
    rng = random.Random(seed)
    story = []
    for number in range(customers):
        name, rich = f"c{number}", rng.random() < 0.3
        shelf = SHELF if rng.random() < 0.1 else rng.sample(SHELF[:16] if rich else SHELF[8:], 10)
        currency = rng.choice(("EUR", "EUR", "JPY"))
        for order in range(rng.choice((1, 1, 2, 5, 9))):
            at = f"2025-{rng.randint(1, 11):02}-{rng.randint(1, 28):02}"  # some later than all is looked at
            amount = f"{rng.randint(50, 400) if rich else rng.randint(1, 100)} {currency}"
            items = basket(*rng.sample(shelf, rng.randint(1, 6)))
            items = [{**item, "amount": money(f"1 {currency}")} for item in items]
            story.append(placed(f"o{order}", at, amount, name, **({"items": items} if order else {})))
        if rng.random() < 0.05:
            story.append(event("customer.erased", "2025-10-01", name))
    rng.shuffle(story)
    return story


def lifts(figures: Figures) -> Figures:
    return {key: value for key, value in figures.items() if key[0] == "subpulse_magnet_lift"}


@pytest.mark.parametrize("kept", [5, 64])
def test_lifts_are_those_of_the_oracle_whatever_comes_first(kept: int) -> None:
    options = {"windows": ("24h",), "magnet_skus": kept}
    story = shop(kept)
    expected = lifts(recompute(story, NOW, **options))
    assert len(expected) >= 15
    assert max(expected.values()) > 2 * min(expected.values())  # type: ignore[type-var,operator]
    happened = [e for e in story if e["type"] != "customer.erased"]
    erased = [e for e in story if e["type"] == "customer.erased"]
    for seed in range(2):
        again = random.Random(seed).sample([*happened, *happened], 2 * len(happened))
        expected = lifts(recompute([*again, *erased], NOW, **options))
        found = lifts(through_the_domain([*again, *erased], NOW, Definitions(**options), seed=seed))
        assert differences(expected, found, 1e-12) == []


def few(number: int, amount: str, *skus: str, kind: str) -> list[dict]:
    return [placed("o", "2025-09-01", amount, f"{kind}{n}", items=basket(*skus)) for n in range(number)]


def fifths(others: int = 0) -> list[dict]:
    """A hundred customers; `others`: how many of those in the middle bought the magnet too."""
    return [
        *few(20, "9 EUR", "magnet", "bread", kind="rich"),
        *few(40 - others, "5 EUR", "bread", kind="middling "),
        *few(others, "5 EUR", "bread", "magnet", kind="another "),
        *few(20, "5 EUR", "bread", "penny", kind="middling with a penny "),
        *few(8, "1 EUR", "magnet", kind="poor with a magnet "),
        *few(12, "1 EUR", "penny", kind="poor "),
    ]


def told(story: list[dict], **options: object) -> dict[str, object]:
    options = {"windows": ("24h",), "magnet_skus": 64, **options}
    found = lifts(through_the_domain(story, NOW, Definitions(**options), partitions=2))
    assert differences(lifts(recompute(story, NOW, **options)), found, 1e-12) == []
    return {dict(labels)["sku"]: value for (_, labels), value in found.items()}


def test_a_lift_is_the_share_of_the_best_by_that_of_the_worst_each_count_one_more() -> None:
    assert told(fifths(2)) == pytest.approx({"bread": 21, "magnet": 21 / 9, "penny": 1 / 13}, rel=1e-12)


def test_fewer_than_thirty_buyers_say_nothing() -> None:
    assert told(fifths(1)).keys() == {"bread", "penny"}


def test_where_all_are_worth_the_same_nobody_is_among_the_best() -> None:
    assert told(few(40, "5 EUR", "bread", kind="c")) == {}


def test_only_what_was_bought_first_counts_where_less_is_kept() -> None:
    first = [placed("before", "2025-08-01", "1 EUR", f"rich{n}", items=basket("seed")) for n in range(20)]
    story = [*few(30, "5 EUR", "seed", kind="more "), *few(30, "5 EUR", "magnet", kind="yet more ")]
    found = told([*fifths(), *first, *story], magnet_skus=1)
    assert found["seed"] > 1 > found["magnet"]  # type: ignore[operator]


def test_no_more_are_shown_than_other_labels() -> None:
    assert len(told(fifths(2), label_limit=2)) == 2


def test_nothing_is_kept_or_told_unless_asked_for() -> None:
    assert told(fifths(2), magnet_skus=0) == {}
