"""`./dev bench scale`: what was seen becomes delays, medians, tables and a plot."""

import json

import numpy as np
import pytest

from benchmarks.embedded import __main__ as embedded
from benchmarks.kept import Kept
from benchmarks.peers import __main__ as peers
from benchmarks.profile import __main__ as profile
from benchmarks.scale import __main__ as command
from benchmarks.scale import page as scale_page
from benchmarks.scale import plan
from benchmarks.scale.delay import sent_a_second, waited
from benchmarks.scale.part import Sizes
from keeping import page

SIZES = Sizes(customers=(1_000, 20_000))
PLANNED = {
    "events per CPU s": 1e5,
    "bytes a customer": 1_528.0,
    "peak, bytes": 1_900.0,
    "refresh takes s": 0.05,
}


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


def test_what_a_sender_has_really_sent_counts_from_the_end_of_the_warm_up_to_its_last_whole_turn():
    sent = [(0, 50.0), (1_000, 60.0), (1_400, 65.0), (1_800, 70.0), (1_801, 70.1)]
    assert sent_a_second(sent, warm=10.0) == pytest.approx(80.0)


@pytest.fixture
def docs(tmp_path, monkeypatch):
    def refuse() -> None:
        raise AssertionError("all cases are there, and yet a broker is started")

    monkeypatch.setattr(command, "Broker", refuse)
    monkeypatch.setattr(page, "DOCS", tmp_path)
    for name, file in ((scale_page.NAME, "performance.md"), (plan.NAME, plan.FILE)):
        begin, end = page.marks(name)
        (tmp_path / file).write_text(f"before\n{begin}{end}after\n", "utf-8")
    return tmp_path


def keep(file, part, sizes=SIZES):
    """Finished cases, of which every figure is the largest size, but for what a plan hangs on."""
    for case in part.cases(sizes):
        row = {column.name: float(max(case.sizes)) for column in part.columns}
        row |= PLANNED | {"customers": max(case.sizes)}
        found = {"10% of capacity": row} if case.several else row
        for _ in range(case.rounds):
            Kept(file, ()).add(command.key_of(part, case), command.CODE, found)


def options(*given):
    return ["scale", "--only=customers", "--customers=1000,20_000", "--write", *given]


def test_finished_cases_are_not_run_again_and_become_a_table_and_a_plot(docs, monkeypatch, capsys):
    results, written = docs / "cases.jsonl", docs / "found.json"
    for part in command.PARTS:
        keep(results, part)
    monkeypatch.setattr("sys.argv", options(f"--results={results}", f"--json={written}"))
    assert command.main() == 0
    assert [*json.loads(written.read_text())] == ["customers"]
    assert json.loads(written.read_text())["customers"]["20,000"]["recovery s"] == 20_000
    assert "20,000" in capsys.readouterr().out
    text = (docs / "performance.md").read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| 20,000 | 20,000 | 100,000 | 1,528 |" in text
    assert "| 10% of capacity | 1,000,000 |" in text
    assert "bytes a customer" in (docs / scale_page.PLOT).read_text("utf-8")


def test_a_page_that_would_lose_a_part_is_not_written(docs, monkeypatch):
    results = docs / "cases.jsonl"
    for part in command.PARTS:
        if part.name != "delay":
            keep(results, part)
    monkeypatch.setattr("sys.argv", options(f"--results={results}"))
    with pytest.raises(SystemExit, match=r"nothing was written: .* not finished: delay \(all loads\)$"):
        command.main()
    assert (docs / "performance.md").read_text("utf-8").startswith("before\n<!-- scale: begin -->\n<!--")


@pytest.mark.parametrize("main", [command, profile, embedded, peers])
def test_a_taste_is_not_for_the_page(main, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--quick", "--write"])
    with pytest.raises(SystemExit):
        main.main()
    assert "a taste (--quick) is not for the page" in capsys.readouterr().err


def test_a_part_that_there_is_not_is_told_with_those_that_there_are(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["scale", "--only=workers,memory"])
    with pytest.raises(SystemExit):
        command.main()
    assert "no part memory: workers, mixed, customers" in capsys.readouterr().err
