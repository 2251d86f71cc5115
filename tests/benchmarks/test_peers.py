"""`./dev bench peers`: what finished rounds come to; of the engines only the one of ours is run."""

import asyncio
import json
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import pytest

from benchmarks.application import Application, create
from benchmarks.kept import SUFFIXES, Kept
from benchmarks.load import fill
from benchmarks.peers import __main__ as command
from benchmarks.peers import java, packages
from benchmarks.peers import page as peers_page
from benchmarks.peers.engines import Variant, variants
from benchmarks.peers.finished import CODE, rounds
from benchmarks.peers.results import results
from benchmarks.peers.running import Moment, Round, summed
from benchmarks.peers.settings import SETTINGS
from keeping import ROOT, page
from keeping.lines import texts
from service.embedded import Broker

ASKED = (2_000, 500, 10)  # events, to warm up, customers
MARKED = (java.version(), *ASKED)
MEBIBYTE = 2**20


def keep(file: Path, key: str, *rounds: tuple[int, float, float]) -> None:
    kept = Kept(file, MARKED)
    for events, seconds, cpu in rounds:
        kept.add(key, CODE, Round(events, seconds, cpu, 64 * MEBIBYTE, 1.5))


def told(file: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> list[dict[str, object]]:
    written = file.with_suffix(".json")
    given = [
        f"--{name}={value}" for name, value in zip(("events", "warm-up", "customers"), ASKED, strict=True)
    ]
    monkeypatch.setattr("sys.argv", ["peers", f"--results={file}", f"--json={written}", *given, *options])
    assert command.main() == 0
    found: list[dict[str, object]] = json.loads(written.read_text())
    return found


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("all rounds are there, and yet a broker is started")

    monkeypatch.setattr(command, "Broker", refuse)


@pytest.mark.usefixtures("no_broker")
def test_finished_rounds_become_medians_and_the_fastest_per_cpu_second_comes_first(
    tmp_path, monkeypatch, capsys
):
    file = tmp_path / "rounds.jsonl"
    keep(file, "aiokafka floor", (2_000, 20.0, 10.0), (2_000, 10.0, 8.0), (2_000, 10.0, 5.0))
    keep(file, "subpulse whole", (2_000, 40.0, 50.0), (2_000, 20.0, 40.0), (1_000, 20.0, 40.0))
    rounds = "-e", "aiokafka", "-e", "subpulse", "--rounds=3"
    keep(file, "subpulse job", *[(2_000, 10.0, 1.0)] * 3)
    found = told(file, monkeypatch, *rounds)
    assert [(one["engine"], one["variant"]) for one in found] == [
        ("subpulse", "job"),
        ("aiokafka", "floor"),
        ("subpulse", "whole"),
    ]
    assert found[1] == {
        "engine": "aiokafka",
        "variant": "floor",
        "events_per_second": 200,
        "events_per_cpu_second": 250,
        "resident_bytes": 64 * MEBIBYTE,
        "seconds_to_first_result": 1.5,
        "rounds": 3,
    }
    assert found[2]["events_per_second"] == 50
    assert found[2]["events_per_cpu_second"] == 40
    table = capsys.readouterr().out
    assert "250 (200 … 400)" in table  # median, lowest, highest
    assert "16%" in table  # of the floor


@pytest.mark.usefixtures("no_broker")
def test_with_some_engines_the_page_keeps_the_others_or_is_not_written(tmp_path, monkeypatch):
    (tmp_path / "performance.md").write_text((page.DOCS / "performance.md").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(page, "DOCS", tmp_path)
    before = page.written(peers_page.NAME, "performance.md")
    file = tmp_path / "rounds.jsonl"
    *some, last = [one.key for one in variants()]
    for key in some:
        keep(file, key, (2_000, 20.0, 10.0))
    asked = ("-e", "subpulse", "--rounds=1", "--write")
    with pytest.raises(SystemExit, match=f"nothing was written: .* it lacks {last}$"):
        told(file, monkeypatch, *asked)
    assert page.written(peers_page.NAME, "performance.md") == before
    keep(file, last, (2_000, 20.0, 10.0))
    assert {one["engine"] for one in told(file, monkeypatch, *asked)} == {"subpulse"}
    text = page.written(peers_page.NAME, "performance.md")
    assert all(f"| {one.engine} | {one.name} |" in text for one in variants())


def test_a_run_of_all_engines_is_not_refused_for_what_it_is_about_to_find(tmp_path, monkeypatch):
    def begins(*arguments: object) -> NoReturn:
        raise InterruptedError

    monkeypatch.setattr(command, "_possible", lambda chosen: (chosen, 0))
    monkeypatch.setattr(command, "Broker", begins)
    with pytest.raises(InterruptedError):
        told(tmp_path / "rounds.jsonl", monkeypatch, "--write")


def test_rounds_of_other_events_another_java_or_another_engine_do_not_count(tmp_path):
    file = tmp_path / "rounds.jsonl"
    keep(file, "aiokafka floor", (2_000, 20.0, 10.0))
    floor, whole, *_ = variants()
    assert rounds(Kept(file, MARKED), floor)
    assert not rounds(Kept(file, (java.version(), 3_000, *ASKED[1:])), floor)
    assert not rounds(Kept(file, ("0.1", *ASKED)), floor)
    assert not rounds(Kept(file, MARKED), whole)


def test_rounds_hang_on_the_code_of_all_engines_so_that_all_of_them_are_run_again():
    hashed = texts(CODE, SUFFIXES)
    for pattern in (
        "benchmarks/peers/java/*/src/**/*.java",
        "benchmarks/peers/java/**/pom.xml",
        "benchmarks/peers/jobs/*.py",
        *(f"benchmarks/peers/{name}.py" for name in ("restricted", "java", "engines", "running")),
        "service/**/*.py",
        "service/embedded/kafka.lock",
        *(f"requirements{environment}.txt" for environment in ("", "-build", "-peers")),
    ):
        files = [*ROOT.glob(pattern)]
        assert files, pattern
        assert not [file for file in files if file.read_bytes() not in hashed]


def test_an_engine_whose_package_cannot_be_had_is_left_out_with_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(packages, "PYTHON", tmp_path / "venv" / "bin" / "python")
    chosen = [one for one in variants() if one.engine in ("subpulse", "bytewax", "faust")]
    assert "./dev bench peers makes it" in packages.absent("bytewax")
    (tmp_path / "venv/lib/python3.13/site-packages/faust_streaming-0.15.3.dist-info").mkdir(parents=True)
    possible, left_out = command._possible(chosen)
    assert {one.engine for one in possible} == {"subpulse", "faust"}
    assert left_out == 1
    assert "LEFT OUT: bytewax: bytewax cannot be had for Python 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--quick"], True),
        (["--quick", "-e", "subpulse", "--engine", "flink"], False),
        (["-e", "aiokafka", "--engine=quix", "--events", "9"], True),
        (["--help"], False),
    ],
)
def test_the_environment_of_the_peers_is_made_only_for_those_who_live_in_it(arguments, wanted, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    dev = import_module("dev")
    assert dev.wants_python_peers(arguments) is wanted
    assert {*dev.PYTHON_PEERS} == {one.engine for one in variants() if one.needs not in ("", "java")}


def test_the_clock_runs_from_the_first_durable_moment_after_the_warm_up_to_the_last():
    moments = [
        Moment(0, 0, 0),
        Moment(3, 2, 400),
        Moment(4, 3, 700),
        Moment(5, 5, 1_500),
        Moment(7, 8, 2_500),
    ]
    assert summed(moments, 500, MEBIBYTE) == Round(1_800, 3, 5, MEBIBYTE, 3)


def test_an_engine_that_makes_everything_durable_at_once_is_timed_from_its_start():
    assert summed([Moment(0, 0, 0), Moment(9, 4, 2_500)], 500, 1) == Round(2_500, 9, 4, 1, 9)


def test_the_page_tells_versions_and_the_settings_of_each_engine():
    some: dict[Variant, list[Round]] = {one: [Round(2_000, 10.0, 5.0, MEBIBYTE, 1.0)] for one in variants()}
    text = peers_page.text(results(some), *ASKED)
    for engine in SETTINGS:
        assert f"| {engine} |" in text
        assert f"- **{engine}**: " in text
    assert "Kafka Streams 4." in text


def test_the_page_gets_the_same_table_and_plot_for_the_same_results(tmp_path, monkeypatch):
    template = (page.DOCS / "performance.md").read_text("utf-8")
    some = {
        one: [Round(2_000, 10.0, 5.0, MEBIBYTE, 1.0), Round(2_000, 9.0, 4.0, 1, 1.0)] for one in variants()
    }
    written = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "performance.md").write_text(template, "utf-8")
        monkeypatch.setattr(page, "DOCS", folder)
        peers_page.write(results(some), *ASKED)
        written.append([(folder / one).read_text("utf-8") for one in ("performance.md", peers_page.PLOT)])
    assert written[0] == written[1]
    text, plot = written[0]
    assert text.startswith(template.split(page.marks(peers_page.NAME)[0])[0])
    for variant in variants():
        assert f"| {variant.engine} | {variant.name} |" in text
        assert variant.key in plot


def test_a_run_with_many_customers_leaves_the_other_table_alone(tmp_path, monkeypatch):
    (tmp_path / "performance.md").write_text((page.DOCS / "performance.md").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(page, "DOCS", tmp_path)
    before = page.written(peers_page.NAME, "performance.md")
    some = {one: [Round(2_000, 10.0, 5.0, MEBIBYTE, 1.0)] for one in variants()}
    peers_page.write(results(some), 2_000_000, 500_000, peers_page.MANY_CUSTOMERS)
    assert page.written(peers_page.NAME, "performance.md") == before
    assert "of 1,000,000 customers" in page.written(peers_page.MANY, "performance.md")
    assert not (tmp_path / peers_page.PLOT).exists()


async def test_the_restricted_worker_takes_in_what_there_is_and_goes_on_where_another_was_killed(
    broker: Broker, prefix: str
) -> None:
    topic = f"{prefix}-orders"
    await create(broker.bootstrap, topic)
    await asyncio.to_thread(fill, broker.bootstrap, topic, 300, 10, 0.001)
    application = Application(broker.bootstrap, topic)
    await application.create()
    first = application.worker("benchmarks.peers.restricted", session_timeout="1")
    try:
        await application.until_committed(300, by=[first], seconds=60)
    finally:
        first.end()
    second = application.worker("benchmarks.peers.restricted", session_timeout="1")
    try:
        await asyncio.to_thread(second.until_told, "took partitions [0, 1, 2, 3]: 10 customers")
    finally:
        second.end()
