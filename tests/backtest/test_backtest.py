"""`./dev backtest`: a small one from beginning to end, its tables, and what it keeps."""

import subprocess
import sys
from pathlib import Path

from backtest.cases import TRIALS, Case
from backtest.results import Results
from backtest.rules import Rules
from backtest.running import Result, paging
from backtest.table import Verdict, completed, markdown, quiet, trial_name, trials
from service.simulation.scenarios import load, shipped
from tests.deploy.programs import program

ROOT = Path(__file__).parents[2]
SPIKE = TRIALS[0]


def backtest(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backtest", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_quiet_business_pages_nobody_and_the_strongest_scenarios_are_found_in_time(tmp_path: Path) -> None:
    program("promtool")
    kept = tmp_path / "results"
    done = backtest("--quick", "--results", kept)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| 3% | 1 x 15 days | none | 0.00 |" in done.stdout
    assert done.stdout.count(": kept |") == 1 + sum(bool(trial.bars) for trial in TRIALS)
    again = backtest("--quick", "--results", kept, "--jobs", "1")
    assert again.stdout == done.stdout


def test_each_shipped_scenario_is_tried_with_an_alert_that_there_is() -> None:
    assert {trial.scenario for trial in TRIALS} == set(shipped()) - {"quiet"}
    for trial in TRIALS:
        assert trial.alert in Rules.read().alerts
        assert {strength for strength, _ in trial.bars} <= set(load(trial.scenario).strengths)


def test_the_alerts_on_the_business_that_page_are_the_churn_spike_and_the_payment_outage() -> None:
    assert paging(Rules.read()) == ["SubpulseChurnSpike", "SubpulsePaymentOutage"]


def cases(strength: float, count: int) -> list[Case]:
    return [Case(seed, 0.03, SPIKE, strength, 3) for seed in range(count)]


def test_a_bar_is_kept_with_nineteen_of_twenty_seeds_in_time_and_missed_with_eighteen() -> None:
    tried = cases(3, 20)
    in_time, late = {SPIKE.alert: [(71.0, 90.0)]}, {SPIKE.alert: [(73.0, 90.0)]}
    for misses, kept in ((1, True), (2, False)):
        results = {case.key: late if place < misses else in_time for place, case in enumerate(tried)}
        (verdict,) = trials(results, tried)
        assert verdict.kept is kept
    assert "90% in 3.0 d" in markdown([], [verdict])


def test_an_alert_that_fired_before_its_time_finds_nothing() -> None:
    tried = cases(3, 1)
    (verdict,) = trials({tried[0].key: {SPIKE.alert: [(-3.0, 2.0)]}}, tried)
    assert "0% in 3.0 d" in verdict.cells


def test_false_pages_are_counted_by_stretches_and_a_year() -> None:
    calm = [Case(seed, 0.03, days=365.25) for seed in (1, 2)]
    pages = [{}, {"SubpulseChurnSpike": [(1.0, 2.0), (50.0, 51.0)], "SubpulsePaymentOutage": [(7.0, 7.0)]}]
    results = {case.key: fired for case, fired in zip(calm, pages, strict=True)}
    (verdict,) = quiet(results, calm)
    assert verdict.cells[2:4] == ("2 SubpulseChurnSpike, 1 SubpulsePaymentOutage", "1.50")
    assert verdict.kept is False


def test_lines_that_were_not_tried_again_stay_and_those_of_trials_that_are_gone_go():
    names = [trial_name(SPIKE, strength) for strength in (2, 3, 5)]
    cells = [(*name, "90% in 7.0 d", "2 d", "–", "") for name in names]
    page = markdown([], [Verdict(found, None) for found in (cells[1], ("gone", *cells[0][1:]), cells[0])])
    again = Verdict((*names[1], "100% in 3.0 d", "1 d", "2 d", ""), True)
    assert completed([again], page, names) == [Verdict(cells[0], None), again]
    assert completed([], page, names) == [Verdict(cells[0], None), Verdict(cells[1], None)]


def test_results_of_other_rules_do_not_count_and_those_of_other_words_do(tmp_path: Path) -> None:
    (case,) = cases(3, 1)
    shipped_rules = Rules.read()
    Results(tmp_path / "kept", shipped_rules).add(case, Result(case.key, {"A": [(1.0, 2.0)]}))
    assert Results(tmp_path / "kept", shipped_rules).of([case]) == {case.key: {"A": [[1.0, 2.0]]}}

    def changed(part: str) -> Rules:
        groups = [
            {**g, "rules": [{**r, part: f"{r.get(part)} "} if "alert" in r else r for r in g["rules"]]}
            for g in shipped_rules.groups
        ]
        return Rules(tuple(groups))

    assert Results(tmp_path / "kept", changed("expr")).of([case]) == {}
    assert case.key in Results(tmp_path / "kept", changed("annotations")).of([case])
