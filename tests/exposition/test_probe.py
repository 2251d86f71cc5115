"""The container's health check, asking a real port."""

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.certificates import certificates
from tests.exposition.test_door import TOKEN, open_port


async def probe(address: str, **environment: str) -> subprocess.CompletedProcess[str]:
    port = address.rpartition(":")[2]
    command = [sys.executable, "-m", "service.exposition.probe"]
    around = {"SUBPULSE_HTTP_PORT": port, "http_proxy": "http://127.0.0.1:1", **environment}
    return await asyncio.to_thread(subprocess.run, command, env=around, capture_output=True, text=True)


async def test_a_worker_that_turns_is_found_behind_tls_and_token_too(tmp_path: Path) -> None:
    files = certificates(tmp_path)
    tls = {"http_tls_certificate_file": files.certificate, "http_tls_key_file": files.key}
    async with open_port(http_token=TOKEN, **tls) as address:
        there = await probe(address, SUBPULSE_HTTP_TLS_CERTIFICATE_FILE=str(files.certificate))
    assert there.returncode == 0, there.stderr
    async with open_port() as address:
        assert (await probe(address)).returncode == 0
    gone = await probe(address)
    assert gone.returncode == 1
    assert "/livez does not answer" in gone.stderr
    assert "Traceback" not in gone.stderr
