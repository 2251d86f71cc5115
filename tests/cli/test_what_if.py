"""`subpulse what-if`: from files, and from a worker."""

import asyncio
import json
from pathlib import Path

import pytest

from service.cli.ask import ask
from service.errors import UserError
from tests.cli.calling import failed_with_a_sentence, subpulse
from tests.domain.what_if.test_what_if import club, shop
from tests.exposition.showing import healthy, real, shown
from tests.exposition.test_server import asked


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("events") / "events.ndjson"
    path.write_text("".join(json.dumps(event) + "\n" for event in [*shop(), *club()]))
    return path


def test_files_give_customers_revenue_profit_and_what_is_assumed(files: Path) -> None:
    done = subpulse("what-if", files, "--as-of", "2026-01-01T00:00:00Z", "--retention-points", "5")
    assert done.returncode == 0, done.stderr
    assert "60.0 %" in done.stdout
    assert "65.0 %" in done.stdout
    assert "+198.00" in done.stdout  # 5 more of 100 buyers, who bring 39.60 each
    assert "never add them" in done.stdout


def test_the_answer_as_json_is_that_of_the_api(files: Path) -> None:
    options = ("--as-of", "2026-01-01T00:00:00Z", "--plan", "pro", "--price-percent", "25", "--json")
    done = subpulse("what-if", files, *options)
    found = json.loads(done.stdout)
    assert found["price_changes"][0]["mrr"] == {"present_course": 300.0, "what_if": 375.0}
    assert found["as_of"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "nothing would change"),
        (("--retention-points", "5", "--url", "http://127.0.0.1:9"), "is one running"),
        (("--plan", "pro"), "is one running"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(arguments: tuple[str, ...], word: str) -> None:
    done = subpulse("what-if", *arguments, SUBPULSE_HTTP_PORT="9")
    assert failed_with_a_sentence(done, word), done.stderr


async def test_a_worker_answers_or_says_why_not() -> None:
    async with asked(healthy(), shown(real().view, summary=real().summary)) as client:
        url = str(client._base_url)
        found = await _in_thread(url, {"aov_percent": "10"})
        assert found["question"]["aov_percent"] == 10
        with pytest.raises(UserError, match="nobody ever had a plan 'gold'"):
            await _in_thread(url, {"plan": "gold", "price_percent": "5"})


async def _in_thread(url: str, query: dict[str, str]) -> dict:
    return await asyncio.to_thread(ask, url, None, "/api/v1/what-if", query)
