"""A program of the Prometheus family as a server for a test: on a free loopback port, ended with the test."""

import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from service.embedded.ports import LOOPBACK, free_port
from service.leash import leashed
from tests.deploy.programs import program

READY_SECONDS = 60


class Server:
    """`with Server(name, folder, *flags) as server`; its log is `folder/name.log`."""

    def __init__(self, name: str, folder: Path, *flags: str) -> None:
        self.address = f"http://{LOOPBACK}:{free_port()}"
        self.log = folder / f"{name}.log"
        listening = f"--web.listen-address={self.address.removeprefix('http://')}"
        self._command = [program(name), listening, *flags]

    def __enter__(self) -> Self:
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(leashed(self._command), stdout=output, stderr=output)
        self._until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _until_ready(self) -> None:
        limit = time.monotonic() + READY_SECONDS
        while time.monotonic() < limit:
            assert self._process.poll() is None, self.log.read_text()
            try:
                with urlopen(f"{self.address}/-/ready", timeout=2):
                    return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())
