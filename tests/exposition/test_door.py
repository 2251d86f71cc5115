"""Who may ask on the HTTP port, and how much at once."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from service.exposition import door, server
from service.exposition.server import PortError, serve
from service.settings import Settings
from service.settings.checks import is_loopback
from tests.certificates import certificates
from tests.exposition.showing import busy, desk_of, healthy, views_of

TOKEN = "a-token-of-32-characters-or-so=="
REQUEST = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
PATHS = ("/metrics", "/api/v1/figures", "/readyz", "/livez", "/nowhere")


@asynccontextmanager
async def open_port(**settings: Any) -> AsyncIterator[str]:
    chosen = Settings(http_port=0, **settings)
    async with serve(healthy(), busy(), views_of(healthy()), chosen, desk_of()) as address:
        yield address


@asynccontextmanager
async def asked(**settings: Any) -> AsyncIterator[aiohttp.ClientSession]:
    async with open_port(**settings) as address, aiohttp.ClientSession(address) as client:
        yield client


async def statuses(client: aiohttp.ClientSession, **headers: str) -> dict[str, int]:
    found = {}
    for path in PATHS:
        async with client.get(path, headers=headers) as answer:
            found[path] = answer.status
    return found


async def raw(address: str, request: bytes) -> bytes:
    """The answer; nothing when the connection was closed instead."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        return await reader.read(4_096)
    except ConnectionError:  # closed at once
        return b""
    finally:
        writer.close()


async def test_without_the_token_only_livez_answers() -> None:
    async with asked(http_token=TOKEN) as client:
        closed = dict.fromkeys(PATHS, 401) | {"/livez": 200}
        wrong = ["", TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer é"]
        for given in wrong:
            assert await statuses(client, Authorization=given) == closed, given
        async with client.get("/metrics") as answer:
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert "subpulse" not in await answer.text()
        found = await statuses(client, Authorization=f"Bearer {TOKEN}")
        assert found == {
            "/metrics": 200,
            "/api/v1/figures": 503,
            "/readyz": 200,
            "/livez": 200,
            "/nowhere": 404,
        }


async def test_a_token_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    async with asked(http_token_file=tmp_path / "token") as client:
        assert (await statuses(client))["/metrics"] == 401
        assert (await statuses(client, Authorization=f"Bearer {TOKEN}"))["/metrics"] == 200


async def test_with_a_certificate_the_port_speaks_https_only(tmp_path: Path) -> None:
    files = certificates(tmp_path)
    settings = {"http_tls_certificate_file": files.certificate, "http_tls_key_file": files.key}
    trusting = ssl.create_default_context(cafile=files.authorities)
    async with open_port(**settings) as address, aiohttp.ClientSession() as client:
        assert address.startswith("https://127.0.0.1:")
        async with client.get(f"{address}/livez", ssl=trusting) as answer:
            assert answer.status == 200
            assert "max-age" in answer.headers["Strict-Transport-Security"]
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await client.get(f"{address}/livez")
        with pytest.raises(aiohttp.ClientError):
            await client.get(f"{address.replace('https', 'http')}/livez")


async def test_a_key_of_another_certificate_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files, other = certificates(tmp_path), certificates(tmp_path / "other")
    with pytest.raises(
        PortError, match="http_tls_certificate_file and http_tls_key_file: no PEM, not of each"
    ):
        async with open_port(http_tls_certificate_file=files.certificate, http_tls_key_file=other.key):
            pass


async def test_every_answer_has_the_security_headers_and_names_no_software() -> None:
    async with asked(http_token=TOKEN) as client:
        for path in PATHS:
            async with client.get(path) as answer:
                assert door.HEADERS.items() <= dict(answer.headers).items()
                assert "aiohttp" not in str(answer.headers)


async def test_nothing_is_taken_but_small_requests_to_read(caplog: pytest.LogCaptureFixture) -> None:
    async with asked() as client:
        async with client.post("/metrics") as answer:
            assert answer.status == 405
        async with client.get("/metrics", data=b"x") as answer:
            assert answer.status == 413
        async with client.post("/livez", data=b"x" * 1_000_000) as answer:
            assert answer.status in (405, 413)
        async with client.get("/livez", params={"name": "x" * door.LINE_BYTES}) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": door.UNREADABLE})
            assert door.HEADERS.items() <= dict(answer.headers).items()
        async with client.get("/livez", headers={"X": "x" * (door.FIELD_BYTES + 1)}) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": door.UNREADABLE})
        async with client.get("/livez", headers={f"X-{n}": "x" for n in range(door.FIELDS + 1)}) as answer:
            assert answer.status == 400
        async with client.get("/livez") as answer:
            assert answer.status == 200
    assert "xxx" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_so_many_connections_are_taken_at_once_and_room_comes_back() -> None:
    async with open_port(http_connections=3) as address:
        host, port = address.removeprefix("http://").split(":")
        held = [await asyncio.open_connection(host, int(port)) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert await raw(address, REQUEST) == b""
        held[0][1].close()
        await held[0][1].wait_closed()
        await asyncio.sleep(0.05)
        assert b"200 OK" in await raw(address, REQUEST)
        for _, writer in held:
            writer.close()


async def test_a_connection_on_which_no_request_is_ever_finished_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "IDLE_SECONDS", 0.2)
    async with open_port() as address:
        assert await asyncio.wait_for(raw(address, b"GET /livez HTTP/1.1\r\nHost: "), 10) == b""


async def test_a_bug_of_ours_is_logged_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def buggy(*_: object) -> None:
        raise ZeroDivisionError("the bug that this test is about")

    monkeypatch.setattr(server, "document", buggy)
    async with asked() as client, client.get("/readyz") as answer:
        assert answer.status == 500
        assert "ZeroDivision" not in await answer.text()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("kafka", False)],
)
def test_loopback_is_known(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


async def test_figures_open_to_a_network_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    async with open_port(http_host="0.0.0.0"):
        assert "figures are open to whoever can reach or overhear 0.0.0.0" in caplog.text
    caplog.clear()
    async with open_port():
        assert not caplog.records
