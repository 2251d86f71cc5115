"""`./dev bench scale`: what was seen becomes delays, medians, tables and a plot."""

import json

import numpy as np
import pytest

from benchmarks.kept import Kept
from benchmarks.scale import __main__ as command
from benchmarks.scale import customers
from benchmarks.scale import page as scale_page
from benchmarks.scale.delay import waited
from benchmarks.scale.part import Sizes
from keeping import page


def test_an_order_has_waited_until_the_figures_hold_it():
    sent = [(0, 100.0), (1_000, 110.0)]  # a hundred a second
    seen = [
        (at, 100 * (at // 5 * 5 - 102)) for at in np.arange(103, 120, 0.5)
    ]  # each 5 s, all but the last 2 s
    delays = waited(sent, seen, warm=0.0)
    assert delays.min() == pytest.approx(2.0, abs=0.01)
    assert delays.max() == pytest.approx(7.0, abs=0.01)


def test_orders_of_the_warm_up_and_those_never_seen_do_not_count():
    sent = [(0, 100.0), (1_000, 110.0)]
    seen = [(101.0, 0.0), (103.0, 100.0), (109.0, 500.0), (111.0, 500.0)]
    delays = waited(sent, seen, warm=2.0)  # orders 201 to 500, sent at 102 to 105
    assert delays.min() == pytest.approx(4.0, abs=0.01)
    assert delays.max() == pytest.approx(7.0, abs=0.01)


def test_finished_cases_are_not_run_again_and_become_a_table_and_a_plot(tmp_path, monkeypatch, capsys):
    def refuse() -> None:
        raise AssertionError("all cases are there, and yet a broker is started")

    monkeypatch.setattr(command, "Broker", refuse)
    monkeypatch.setattr(page, "DOCS", tmp_path)
    begin, end = page.marks(scale_page.NAME)
    (tmp_path / "performance.md").write_text(f"before\n{begin}{end}after\n", "utf-8")
    results, written = tmp_path / "cases.jsonl", tmp_path / "found.json"
    for case in customers.cases(Sizes(customers=(1_000, 20_000))):
        row = {column.name: float(case.name.replace(",", "")) for column in customers.PART.columns}
        Kept(results, ()).add(command.key_of(customers.PART, case), command.CODE, row)
    monkeypatch.setattr(
        "sys.argv",
        [
            "scale",
            f"--results={results}",
            f"--json={written}",
            "--only=customers",
            "--customers=1000,20_000",
            "--write",
        ],
    )
    assert command.main() == 0
    assert json.loads(written.read_text())["customers"]["20,000"]["recovery s"] == 20_000
    assert "20,000" in capsys.readouterr().out
    text = (tmp_path / "performance.md").read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| 20,000 | 20,000 | 20,000 |" in text
    assert "bytes a customer" in (tmp_path / scale_page.PLOT).read_text("utf-8")


def test_a_part_that_there_is_not_is_told_with_those_that_there_are(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["scale", "--only=workers,memory"])
    with pytest.raises(SystemExit):
        command.main()
    assert "no part memory: workers, mixed, customers" in capsys.readouterr().err
