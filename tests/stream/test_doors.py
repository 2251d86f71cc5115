"""A whole run over SASL_SSL with SCRAM, HTTPS and a bearer token; and who is not let in."""

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer

from service.embedded import Broker, Secured
from service.stream.connection import AbsentError, knock
from tests.certificates import Files, certificates
from tests.stream.application import Application, Worker
from tests.stream.commands import subpulse
from tests.stream.conftest import NewApplication
from tests.stream.events import order

PASSWORD, TOKEN = 'a password, with "quotes"', "a-bearer-token-for-this-test"
SECRETS = (PASSWORD, TOKEN)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secured(files: Files) -> Iterator[Broker]:
    """A broker that knows one user."""
    with Broker(secured=Secured(files.identity, files.authorities, {"alice": PASSWORD})) as running:
        yield running


@pytest.fixture
def application(secured: Broker, files: Files, tmp_path: Path, applications: NewApplication) -> Application:
    """One whose settings hold all that is needed to be let in."""
    for name, secret in (("password", PASSWORD), ("token", TOKEN)):
        (tmp_path / name).write_text(secret)
    settings = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": "alice",
        "sasl_password_file": str(tmp_path / "password"),
        "tls_ca_file": str(files.authorities),
        "http_token_file": str(tmp_path / "token"),
        "http_tls_certificate_file": str(files.certificate),
        "http_tls_key_file": str(files.key),
        "customer_api": "true",
        "log_level": "debug",
    }
    made: Application = applications(bootstrap=secured.bootstrap, partitions=2, settings=settings)
    return made


async def figures(worker: Worker, files: Files, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Until the worker's figures are as wanted."""
    trusting, limit = ssl.create_default_context(cafile=files.authorities), time.monotonic() + 60
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(worker.address, headers=headers) as client:
        while True:
            async with client.get("/api/v1/figures", ssl=trusting) as answer:
                if answer.status == 200 and wanted(await answer.json()):
                    return
            assert time.monotonic() < limit, worker.text()
            await asyncio.sleep(0.2)


async def customer(worker: Worker, files: Files, name: str) -> list[dict[str, Any]]:
    """The customer's value so far, as the worker tells it."""
    trusting = ssl.create_default_context(cafile=files.authorities)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession(worker.address, headers=headers) as client,
        client.get("/api/v1/customers", params={"id": name}, ssl=trusting) as answer,
    ):
        assert answer.status == 200, await answer.text()
        found: list[dict[str, Any]] = (await answer.json())["value"]
        return found


async def test_a_whole_run_behind_locks_works_and_no_secret_is_in_any_log(
    application: Application, secured: Broker, files: Files, tmp_path: Path
) -> None:
    made = await subpulse(application, "topics")
    assert made.exit_code == 0, made.output
    events = [order(f"c-{number}", number, number / 10) for number in range(50)]
    (tmp_path / "events").write_bytes(b"\n".join(event.value or b"" for event in events))
    published = await subpulse(application, "publish", str(tmp_path / "events"))
    assert published.stdout.startswith("sent 50 events"), published.output
    async with AIOKafkaProducer(**secured.client) as producer:
        await producer.send_and_wait(application.sources["orders"], b"{", b"somebody")

    def all_there(told: dict[str, Any]) -> bool:
        counts = [f["value"] for f in told["figures"] if f["name"] == "subpulse_realized_ltv_gcount"]
        return told["complete"] and counts == [50]

    worker = application.start()
    await figures(worker, files, all_there)
    (known,) = await customer(worker, files, "c-7")
    assert (known["currency"], known["orders"]) == ("EUR", 1)
    (letter,) = (await subpulse(application, "dead-letters", "list", "--json")).stdout.splitlines()
    redriven = await subpulse(
        application, "dead-letters", "redrive", json.loads(letter)["letter"], "--yes", "--json"
    )
    assert json.loads(redriven.stdout)["rejected_again"] == {"not_json": 1}
    settings = await subpulse(application, "settings")
    assert worker.stop()[0] == 0

    said = [worker.text(), secured.log_file.read_text(), settings.output, published.output, redriven.output]
    assert "took partitions" in worker.text()
    assert "c-7" not in worker.text()
    for secret in SECRETS:
        assert not any(secret in text for text in said)


async def test_a_wrong_password_is_one_clear_line_and_final(application: Application, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("guessed")
    application.settings.pop("http_tls_certificate_file")
    application.settings.pop("http_tls_key_file")
    worker = application.start()
    assert await asyncio.to_thread(worker.process.wait, 60) == 78
    lines = [line for line in worker.text().splitlines() if "figures are at" not in line]
    assert len(lines) == 1, worker.text()
    assert f"the broker at {application.bootstrap} refuses the user 'alice' (SCRAM-SHA-512)" in lines[0]
    assert "check the settings sasl_username and sasl_password" in lines[0]
    assert "guessed" not in worker.text()

    for command in (["topics"], ["publish", "-"], ["dead-letters", "list"]):
        done = await subpulse(application, *command)
        assert done.exit_code == 78
        assert done.output.count("\n") == 1
        assert "refuses the user 'alice'" in done.output


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"tls_ca_file": ""}, "certificate of the broker at {} cannot be trusted"),
        ({"sasl_mechanism": "PLAIN"}, "the broker at {} does not take PLAIN"),
        ({"tls_ca_file": "KEY"}, "setting tls_ca_file: KEY holds no certificates"),
        (
            {"tls_certificate_file": "KEY", "tls_key_file": "KEY"},
            "settings tls_certificate_file and tls_key_file",
        ),
    ],
)
async def test_who_is_not_let_in_is_told_which_setting_to_check(
    application: Application, files: Files, changed: dict[str, str], words: str
) -> None:
    application.settings |= {name: value.replace("KEY", str(files.key)) for name, value in changed.items()}
    done = await subpulse(application, "topics")
    assert done.exit_code == 78
    assert words.format(application.bootstrap).replace("KEY", str(files.key)) in done.output
    assert "Traceback" not in done.output


async def test_a_port_that_speaks_no_tls_is_told(application: Application) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        application.bootstrap = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        done = await subpulse(application, "topics")
    assert done.exit_code == 78
    assert f"no TLS with the broker at {application.bootstrap}" in done.output
    assert "check the setting security_protocol" in done.output


async def test_one_broker_of_several_that_lets_us_in_is_enough(secured: Broker) -> None:
    absent = "127.0.0.1:1"
    await knock({**secured.client, "bootstrap_servers": f"{absent},{secured.bootstrap}"})
    with pytest.raises(AbsentError, match=f"no broker answers at {absent}"):
        await knock({**secured.client, "bootstrap_servers": absent})
