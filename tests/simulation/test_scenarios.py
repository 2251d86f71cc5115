"""Scenarios as files: the shipped ones are good, and a bad one is told where it is wrong."""

from pathlib import Path
from typing import get_args

import pytest

from service.simulation import catalogue
from service.simulation.scenarios import ScenarioError, load, model, shipped

EXPECTED = {
    "announced-churn", "bad-channel", "churn-spike", "ingestion-stall", "launch-spike", "payment-outage",
    "price-increase", "quiet", "refund-wave", "twenty-new-twenty-lost",
}  # fmt: skip


def written(folder: Path, text: str) -> str:
    file = folder / "own.toml"
    file.write_text(text)
    return str(file)


def test_all_scenarios_are_shipped():
    assert set(shipped()) == EXPECTED


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_shipped_scenario_says_what_happens_and_takes_each_strength_it_names(name):
    scenario = load(name)
    assert scenario.summary.endswith(".")
    assert scenario.watch
    if name != "quiet":
        assert len(scenario.strengths) == 3
        assert scenario.strength in scenario.strengths
        assert scenario.unit
    for strength in scenario.strengths:
        assert load(name, strength).changes


def test_the_names_that_a_file_may_use_are_those_of_the_catalogue():
    assert get_args(model.Plan) == tuple(plan.name for plan in catalogue.PLANS)
    assert get_args(model.Channel) == tuple(channel.name for channel in catalogue.CHANNELS)
    assert get_args(model.Reason) == tuple(reason for reason, _ in catalogue.REASONS)


def test_the_strength_stands_wherever_the_file_says_so():
    assert [change.times for change in load("twenty-new-twenty-lost", 2.5).changes] == [2.5, 2.5]


def test_a_strength_is_refused_where_nothing_has_one(tmp_path):
    file = written(tmp_path, 'summary = "x"\n[[changes]]\nkind = "stall"\ndays = 2\n')
    for name in ("quiet", file):
        with pytest.raises(ScenarioError, match=r"scenario .* has no strength"):
            load(name, 3)


def test_fields_of_the_business_win_over_the_file(tmp_path):
    file = written(tmp_path, 'summary = "x"\n[business]\npaying = 50\ngrowth = 1.0\n')
    concern = load(file, paying=70, monthly_churn=None).business
    assert (concern.paying, concern.growth, concern.monthly_churn) == (70, 1.0, 0.03)


def test_a_scenario_can_be_moved_to_another_day_with_its_parts_as_far_apart_as_before(tmp_path):
    changes = '[[changes]]\nkind="stall"\nfrom_day={}\ndays=1\n'
    file = written(tmp_path, 'summary = "x"\n' + changes.format(10) + changes.format(12))
    assert [change.from_day for change in load(file).beginning(3.5).changes] == [3.5, 5.5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('summary = "x"\n[[changes]]\nkind = "leaving"\ntimes = 0.5\n', "changes[0].times: Input should be"),
        ('summary = "x"\n[[changes]]\nkind = "leaving"\n', "changes[0].times: is missing"),
        ('summary = "x"\n[[changes]]\nkind = "stall"\nhours = 3\n', "changes[0].hours: there is no such"),
        ('summary = "x"\n[[changes]]\nkind = "flood"\n', "changes[0]: "),
        ('summary = "x"\n[business]\nmonthly_churn = 3\n', "business.monthly_churn: Input should be"),
        (
            'summary = "x"\nstrength = 2\n[[changes]]\nkind="payments"\nfailing="strength"\n',
            "changes[0].failing",
        ),
        ("[business]\n", "summary: is missing"),
        ("summary = ", "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(tmp_path, text, words):
    file = written(tmp_path, text)
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert words in str(caught.value)
    assert file in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("chrun-spike", "did you mean churn-spike"),
        ("zzz", "there are announced-churn"),
        ("/none.toml", "cannot be read"),
    ],
)
def test_a_scenario_that_is_not_there_is_told_with_what_is(name, words):
    with pytest.raises(ScenarioError, match=words):
        load(name)
