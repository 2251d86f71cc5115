"""The HTTP port, asked by a real client."""

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from service.exposition import server
from service.exposition.encoding import encode
from service.exposition.server import PortError, serve
from service.figures.views import Shown
from service.settings import Settings
from service.stream.status import Status
from tests.exposition.showing import AS_OF, busy, desk_of, healthy, real, real_view, shown, views_of

SETTINGS = Settings(http_port=0)
VIEW = real_view()


@asynccontextmanager
async def asked(status: Status, told: Shown) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        serve(status, busy(), views_of(status, told), SETTINGS, desk_of()) as address,
        aiohttp.ClientSession(address) as client,
    ):
        yield client


def names(text: str) -> set[str]:
    return {family.name for family in text_string_to_metric_families(text)}


async def test_metrics_show_business_view_and_process() -> None:
    async with asked(healthy(), shown(VIEW)) as client, client.get("/metrics") as answer:
        text = await answer.text()
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
    found = names(text)
    assert {
        "subpulse_churn_ratio",
        "subpulse_view_complete",
        "subpulse_events",
        "subpulse_build_info",
    } <= found
    assert "process_resident_memory_bytes" in found
    assert "subpulse_as_of_timestamp_seconds 1.716928e+09\n" in text


async def test_open_metrics_are_given_to_who_asks_for_them() -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with asked(healthy(), shown(VIEW)) as client, client.get("/metrics", headers=accept) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await answer.text()).endswith("# EOF\n")


@pytest.mark.parametrize(
    "changed",
    [{"assigned": frozenset({1})}, {"assigned": None}, {"broker_seen_at": None, "committed_at": None}],
)
async def test_only_an_owner_of_partition_0_that_is_not_cut_off_speaks_for_the_business(
    changed: dict,
) -> None:
    async with asked(replace(healthy(), **changed), shown(VIEW)) as client:
        async with client.get("/metrics") as answer:
            found = names(await answer.text())
        assert "subpulse_events" in found
        assert not found & {"subpulse_churn_ratio", "subpulse_view_complete"}
        async with client.get("/api/v1/figures") as answer:
            assert answer.status == 200


async def test_figures_are_the_view_and_its_state_with_null_where_there_is_no_value() -> None:
    told = shown(VIEW, covered=0.5, complete=False)
    async with asked(healthy(), told) as client, client.get("/api/v1/figures") as answer:
        found = await answer.json()
    assert found["as_of"] == "2024-05-28T20:26:40Z"
    assert (found["coverage"], found["complete"], found["refused_summaries"]) == (0.5, False, [])
    assert found["data_age_seconds"] == pytest.approx(time.time() - AS_OF / 1e6 - 0.25, abs=10)
    rows = {(row["name"], tuple(row["labels"].items())): row["value"] for row in found["figures"]}
    assert list(rows) == sorted(rows)
    assert None in rows.values()
    assert {(f.name, f.labels): f.value for f in VIEW.figures} == {
        key: value for key, value in rows.items() if key[1] or key[0] == "subpulse_repeat_customers_ratio"
    }
    assert rows["subpulse_as_of_timestamp_seconds", ()] == AS_OF / 1e6
    assert rows["subpulse_partitions_covered_ratio", ()] == 0.5
    assert rows["subpulse_view_complete", ()] == 0
    assert rows["subpulse_oldest_summary_timestamp_seconds", ()] == AS_OF / 1e6 + 0.25


@pytest.mark.parametrize("name", ["churn_ratio", "subpulse_churn_ratio"])
async def test_a_query_chooses_by_name_and_labels(name: str) -> None:
    async with asked(healthy(), shown(VIEW)) as client:
        query = {"name": name, "window": "30d", "basis": "orders"}
        async with client.get("/api/v1/figures", params=query) as answer:
            (row,) = (await answer.json())["figures"]
    assert (row["name"], row["labels"]) == ("subpulse_churn_ratio", {"basis": "orders", "window": "30d"})


async def test_names_and_labels_may_be_several() -> None:
    query = [
        ("name", "churn_ratio"), ("name", "retention_ratio"), ("window", "30d"), ("window", "24h"),
        ("basis", "orders"),
    ]  # fmt: skip
    async with (
        asked(healthy(), shown(VIEW)) as client,
        client.get("/api/v1/figures", params=query) as answer,
    ):
        rows = (await answer.json())["figures"]
    assert [(row["name"], row["labels"]["window"]) for row in rows] == [
        (f"subpulse_{name}", window)
        for name in ("churn_ratio", "retention_ratio")
        for window in ("24h", "30d")
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("figures?nam=churn_ratio", "nam: there is no such parameter"),
        ("figures?name=nothing", "name: there is no figure 'nothing'"),
        ("figures?basis=people", "basis: 'people' is none of orders, subscription"),
        ("what-if?retention_points=5&retention_points=6", "retention_points: stands there 2 times"),
        ("what-if?retention_points=nan", "retention_points: nan is not a finite number"),
        ("cohorts?basis=orders&basis=subscription", "basis: stands there 2 times"),
    ],
)
async def test_a_question_that_says_nothing_is_refused_with_a_sentence(path: str, words: str) -> None:
    told = shown(VIEW, summary=real().summary)
    async with asked(healthy(), told) as client, client.get(f"/api/v1/{path}") as answer:
        assert answer.status == 400
        assert words in (await answer.json())["error"]


async def test_a_path_that_does_not_exist_is_told_as_everything_else() -> None:
    async with asked(healthy(), shown(VIEW)) as client, client.get("/api/v1/nope") as answer:
        assert answer.status == 404
        assert "there is nothing at this path" in (await answer.json())["error"]


async def test_what_if_is_answered_from_the_sums_behind_the_figures() -> None:
    told = shown(VIEW, summary=real().summary)
    async with asked(healthy(), told) as client:
        async with client.get("/api/v1/what-if", params={"retention_points": "5"}) as answer:
            assert answer.status == 200
            found = await answer.json()
        async with client.get("/api/v1/what-if", params={"retention_points": "many"}) as answer:
            assert answer.status == 400
            assert "'many' is not a number" in (await answer.json())["error"]
        async with client.get("/api/v1/what-if", params={"points": "5"}) as answer:
            assert answer.status == 400
            assert "there is no such parameter" in (await answer.json())["error"]
    assert (found["as_of"], found["complete"]) == ("2024-05-28T20:26:40Z", True)
    assert found["question"]["retention_points"] == 5
    orders = next(course for course in found["courses"] if course["basis"] == "orders")
    assert orders["customers"]["what_if"] > orders["customers"]["present_course"] > 0
    assert orders["assumptions"]


async def test_cohorts_are_answered_by_basis() -> None:
    told = shown(VIEW, summary=real().summary)
    async with asked(healthy(), told) as client:
        async with client.get("/api/v1/cohorts") as answer:
            assert answer.status == 200
            found = await answer.json()
        async with client.get("/api/v1/cohorts", params={"basis": "orders"}) as answer:
            orders = (await answer.json())["cohorts"]
        async with client.get("/api/v1/cohorts", params={"basis": "people"}) as answer:
            assert answer.status == 400
            assert "expected one of orders, subscription" in (await answer.json())["error"]
    assert {cohort["basis"] for cohort in found["cohorts"]} == {"orders", "subscription"}
    assert orders == [cohort for cohort in found["cohorts"] if cohort["basis"] == "orders"]
    first = orders[0]["cells"][0]
    assert (first["age"], first["month"], first["retained"]) == (0, orders[0]["month"], 1.0)
    assert not orders[0]["cells"][-1]["complete"]


async def test_without_sums_no_question_is_answered() -> None:
    async with asked(healthy(), Shown()) as client, client.get("/api/v1/what-if") as answer:
        assert answer.status == 503
        assert (await answer.json())["error"].startswith("no figures yet")


async def test_without_figures_the_api_says_so_and_metrics_show_what_there_is() -> None:
    async with asked(healthy(), Shown(refused=("partition 2: …",))) as client:
        async with client.get("/api/v1/figures") as answer:
            assert answer.status == 503
            found = await answer.json()
        async with client.get("/metrics") as answer:
            text = await answer.text()
    assert found["error"].startswith("no figures yet")
    assert (found["as_of"], found["refused_summaries"]) == (None, ["partition 2: …"])
    assert "subpulse_view_complete 0.0" in text
    assert "as_of_timestamp" not in text


async def test_health_answers_with_reasons() -> None:
    status = healthy()
    async with asked(status, shown(VIEW)) as client:
        async with client.get("/livez") as answer:
            assert (answer.status, await answer.json()) == (200, {"alive": True, "phase": "running"})
        async with client.get("/readyz") as answer:
            assert answer.status == 200
        status.recovered = False
        async with client.get("/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["reasons"]


async def test_a_port_that_is_taken_is_told_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=rf"127\.0\.0\.1:{port}: .*http_port"):
            async with serve(healthy(), busy(), views_of(healthy()), Settings(http_port=port), desk_of()):
                pass


async def test_an_address_of_another_machine_is_told_in_a_sentence() -> None:
    with pytest.raises(PortError, match=r"cannot serve HTTP on 192\.0\.2\.1:0"):
        async with serve(
            healthy(),
            busy(),
            views_of(healthy()),
            Settings(http_host="192.0.2.1", http_port=0),
            desk_of(),
        ):
            pass


async def test_encoding_happens_off_the_event_loops_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[int] = []

    def noted(families: Iterable[Metric], accept: str) -> tuple[bytes, str]:
        places.append(threading.get_ident())
        return encode(families, accept)

    monkeypatch.setattr(server, "encode", noted)
    async with asked(healthy(), shown(VIEW)) as client, client.get("/metrics") as answer:
        assert "subpulse_churn_ratio" in await answer.text()
    assert len(places) == 1
    assert places[0] != threading.get_ident()
