"""`subpulse replay`: files in, figures out, in three formats."""

import gzip
import json
import sys
import time
from pathlib import Path

import pytest
import zstandard
from prometheus_client.parser import text_string_to_metric_families

from schemas.instants import DAY, format_instant, parse_instant
from service.domain.metrics import predicted
from tests.cli.calling import failed_with_a_sentence, subpulse
from tests.oracle.businesses import business
from tests.oracle.differences import differences
from tests.oracle.recompute import recompute_now

AS_OF = 1_716_928_000_000_000
WINDOWS = ("24h", "30d", "last_month")
LATEST = AS_OF + DAY  # what happens later would be refused for as long as it has not happened
WHOLE_STORY = [
    event
    for event in business(21, AS_OF, "Europe/Berlin", customers=50)
    if parse_instant(event["occurred_at"]) <= LATEST
]
NDJSON = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in WHOLE_STORY).encode()
OPTIONS = ("--as-of", format_instant(AS_OF), "--timezone", "Europe/Berlin", "--windows", ",".join(WINDOWS))
BAD = [b"{", b"", b'{"type":"parcel.sent"}', b'{"type":"order.placed"}']


def as_told(rows: list[dict]) -> dict:
    return {(row["name"], tuple(sorted(row["labels"].items()))): row["value"] for row in rows}


def computed(figures: dict) -> dict:
    """Without the estimates, which the oracle does not make."""
    estimates = {f"subpulse_{metric.name}" for metric in predicted.METRICS}
    return {key: value for key, value in figures.items() if key[0] not in estimates}


def sorted_labels(figures: dict) -> dict:
    return {(name, tuple(sorted(labels))): value for (name, labels), value in figures.items()}


@pytest.fixture(scope="module")
def expected() -> dict:
    return sorted_labels(recompute_now(WHOLE_STORY, AS_OF, time_zone="Europe/Berlin", windows=WINDOWS))


def test_json_holds_every_figure_of_the_oracle_sorted(tmp_path: Path, expected: dict) -> None:
    (tmp_path / "events.ndjson").write_bytes(NDJSON)
    done = subpulse("replay", tmp_path / "events.ndjson", *OPTIONS, "--format", "json", "--partitions", "4")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["as_of"] == "2024-05-28T20:26:40Z"
    assert found["rejected"] == {}
    assert sum(found["events"].values()) == len(WHOLE_STORY)
    places = [(row["name"], list(row["labels"].items())) for row in found["figures"]]
    assert places == sorted(places)
    assert differences(expected, computed(as_told(found["figures"]))) == []


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_packed_files_and_standard_input_give_the_same(tmp_path: Path, pack) -> None:
    lines = NDJSON.splitlines(keepends=True)
    (tmp_path / "one.gz").write_bytes(pack(b"".join(lines[::2])))
    done = subpulse("replay", tmp_path / "one.gz", "-", *OPTIONS, "-f", "json", stdin=b"".join(lines[1::2]))
    whole = subpulse("replay", "-", *OPTIONS, "-f", "json", stdin=NDJSON)
    assert done.returncode == whole.returncode == 0, done.stderr
    assert done.stdout == whole.stdout


def test_prometheus_text_holds_the_same_figures_except_those_without_a_value(expected: dict) -> None:
    done = subpulse("replay", "-", *OPTIONS, "-f", "prometheus", stdin=NDJSON)
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(done.stdout)
        for sample in family.samples
    }
    assert found.pop(("subpulse_as_of_timestamp_seconds", ())) == AS_OF / 1e6
    assert differences({key: v for key, v in expected.items() if v is not None}, computed(found)) == []


def test_the_table_shows_windows_side_by_side() -> None:
    done = subpulse("replay", "-", *OPTIONS, stdin=NDJSON + b"{\n")
    assert "as of 2024-05-28T22:26:40+02:00 (Europe/Berlin)" in done.stdout
    assert "rejected: 1" in done.stdout
    heading = next(line for line in done.stdout.splitlines() if line.strip().startswith("figure"))
    assert heading.split()[2:] == ["24h", "30d", "last", "month"]
    assert "net_revenue_retention_ratio" in done.stdout


def test_bad_lines_are_written_with_number_reason_and_detail_and_counted(tmp_path: Path) -> None:
    lines = NDJSON.splitlines()
    (tmp_path / "events.ndjson").write_bytes(b"\n".join([*lines[:10], *BAD, *lines[10:]]))
    done = subpulse(
        "replay", tmp_path / "events.ndjson", *OPTIONS, "-f", "json", "--rejects", tmp_path / "rejects"
    )
    assert done.returncode == 0
    rejects = [json.loads(line) for line in (tmp_path / "rejects").read_text().splitlines()]
    assert [(reject["line"], reject["reason"]) for reject in rejects] == [
        (11, "not_json"),
        (12, "not_json"),
        (13, "unknown_type"),
        (14, "invalid"),
    ]
    assert all(set(reject) == {"file", "line", "reason", "detail"} for reject in rejects)
    found = json.loads(done.stdout)
    assert found["rejected"] == {"invalid": 1, "not_json": 2, "unknown_type": 1}
    assert (
        found["figures"]
        == json.loads(subpulse("replay", "-", *OPTIONS, "-f", "json", stdin=NDJSON).stdout)["figures"]
    )
    assert "4 lines cannot be used" in done.stderr


def test_without_as_of_figures_hold_for_now() -> None:
    began = format_instant(time.time_ns() // 1_000)
    told = json.loads(subpulse("replay", "-", "-f", "json").stdout)["as_of"]
    assert began <= told <= format_instant(time.time_ns() // 1_000)


def test_max_is_the_newest_event() -> None:
    newest = max((event["occurred_at"] for event in WHOLE_STORY), key=parse_instant)
    done = subpulse("replay", "-", "--as-of", "max", "-f", "json", stdin=NDJSON)
    assert json.loads(done.stdout)["as_of"] == format_instant(parse_instant(newest))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.ndjson"], ["none.ndjson cannot be read: No such file or directory"]),
        (["-", "--as-of", "yesterday"], ["--as-of yesterday", "RFC 3339", "max"]),
        (["-", "--as-of", "max"], ["no event that can be used"]),
        (["-", "--timezone", "Mars"], ["setting time_zone (option --timezone)", "'Mars'"]),
        (["-", "--windows", "5x"], ["setting windows (option --windows)", "'5x'"]),
        (["-", "--format", "xml"], ["'xml'"]),
        (["-", "--partitions", "0"], ["--partitions"]),
        (["-", "--rejects", "/nowhere/file"], ["--rejects /nowhere/file cannot be written"]),
        ([], ["FILE"]),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(arguments: list[str], words: list[str]) -> None:
    assert failed_with_a_sentence(subpulse("replay", *arguments), *words)


def test_half_a_million_events_take_seconds(tmp_path: Path) -> None:
    count, template = (
        500_000,
        (
            '{{"type":"order.placed","event_id":"e{0}","occurred_at":"2025-{1:02}-{2:02}T10:{3:02}:00Z",'
            '"customer_id":"customer-{4}","order_id":"o{0}","amount":{{"minor":{5},"currency":"EUR"}}}}\n'
        ),
    )
    with (tmp_path / "events.ndjson").open("w") as file:
        file.writelines(
            template.format(n, 1 + n % 12, 1 + n % 28, n % 60, n % 40_009, n % 9_973) for n in range(count)
        )
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subpulse("replay", tmp_path / "events.ndjson", "-f", "json", "--as-of", "max")
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert json.loads(done.stdout)["events"] == {"applied": count}
    assert spent < 30, f"{spent:.1f} s of processor time for {count:,} events"
    sys.stderr.write(f"replay: {spent:.1f} s of processor time for {count:,} events\n")
