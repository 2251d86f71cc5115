"""The past in a real Prometheus: `subpulse backfill`, promtool, and what queries find."""

import asyncio
import gzip
import json
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli import app
from tests.deploy.programs import told
from tests.deploy.prometheus import Prometheus
from tests.exposition.showing import AS_OF
from tests.exposition.test_history import EVENTS, WINDOWS, ZONE, two_workers
from tests.oracle.instants import start_of_day
from tests.oracle.recompute import recompute

OPTIONS = ("--timezone", ZONE, "--windows", ",".join(WINDOWS))
FIRST, LAST = date(2024, 3, 5), date(2024, 3, 30)


def backfilled(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["backfill", *map(str, arguments)])


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("events") / "events.ndjson.gz"
    file.write_bytes(gzip.compress(b"\n".join(json.dumps(event).encode() for event in EVENTS)))
    return file


def test_prometheus_finds_the_figures_of_every_day_that_the_oracle_does(events: Path, tmp_path: Path) -> None:
    text, data = tmp_path / "past.om", tmp_path / "data"
    done = backfilled(
        events, *OPTIONS, "--from", FIRST, "--to", LAST, "--label", "job=subpulse", "--output", text
    )
    assert done.exit_code == 0, done.output
    told("promtool", "tsdb", "create-blocks-from", "openmetrics", text, data)
    with Prometheus(tmp_path, {}, "--storage.tsdb.retention.time=100y") as prometheus:
        for day in (FIRST, FIRST + timedelta(days=5), LAST):  # the second one has 23 hours
            end = start_of_day(day + timedelta(days=1), ZoneInfo(ZONE)) - 1
            expected = {
                (name, labels): value
                for (name, labels), value in recompute(EVENTS, end, time_zone=ZONE, windows=WINDOWS).items()
                if value is not None
            }
            found = {}
            for labels, value in prometheus.query('{job="subpulse"}', at=end / 1e6 - 0.0005):
                assert labels.pop("job") == "subpulse"
                name = labels.pop("__name__")
                found[name, frozenset(labels.items())] = value
            assert found.keys() >= expected.keys()
            assert {key: found[key] for key in expected} == pytest.approx(expected, rel=1e-12)
        query = 'count_over_time(subpulse_churn_ratio{basis="orders", window="30d"}[26d])'
        (count,) = prometheus.query(query, at=end / 1e6)
        assert count.value == (LAST - FIRST).days + 1
        every_day = f"last_over_time({query.partition('(')[2].replace('26d', '1d')}"
        assert prometheus.query(every_day, at=end / 1e6 - 3 * 86_400 - 7_200)


async def test_a_worker_and_a_file_write_the_same_past(events: Path) -> None:
    names = ("--name", "churn_ratio", "--name", "subpulse_realized_ltv_bucket", "--name", "mrr")
    span = ("--from", "2024-03-05", "--to", "2024-03-17", *names)
    async with two_workers() as (_, address, _):
        for step in ("1d", "3d", "30h"):
            of_worker = await asyncio.to_thread(backfilled, *span, "--step", step, "--url", address)
            of_file = await asyncio.to_thread(backfilled, events, *OPTIONS, *span, "--step", step)
            assert of_worker.exit_code == of_file.exit_code == 0, (of_worker.output, of_file.output)
            assert of_worker.stdout == of_file.stdout
            assert of_file.stdout.endswith("# EOF\n")


async def test_without_a_span_a_worker_is_asked_for_two_years_and_a_file_for_all(events: Path) -> None:
    options = ("--step", "200d", "--name", "repeat_customers_ratio")
    async with two_workers() as (_, address, _):
        of_worker = await asyncio.to_thread(backfilled, *options, "--url", address)
    assert of_worker.exit_code == 0, of_worker.output
    begin = int(float(of_worker.stdout.splitlines()[-5].split()[-1]))
    assert 728 <= (AS_OF / 1e6 - begin) / 86_400 <= 730
    whole = backfilled(events, *OPTIONS, *options).stdout.splitlines()
    assert len(whole) > len(of_worker.stdout.splitlines())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--step", "1w"), "--step: '1w' is not like 1d or 6h"),
        (("--label", "job"), "write NAME=VALUE"),
        (("--from", "then"), "--from then: expected"),
        (("--from", "2025-01-01", "--to", "2025-01-01T12:00:00Z"), "no figures: no day between"),
        (("--from", "2024-05-25", "--to", "2024-05-26", "--name", "churn"), "there is no figure"),
        (
            ("--from", "2024-05-25", "--to", "2024-05-26", "--output", "/nowhere/past.om"),
            "--output /nowhere/past.om: No such file",
        ),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(events: Path, arguments: tuple[str, ...], words: str) -> None:
    done = backfilled(events, *OPTIONS, *arguments)
    assert done.exit_code != 0
    assert words in done.output
    assert "Traceback" not in done.output
