"""A real Alertmanager for a test, and the webhook that it calls."""

import json
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.request import Request, urlopen

from service.embedded.ports import LOOPBACK
from tests.deploy.server import Server


class Notification(NamedTuple):
    """One call of the webhook: by which receiver, `firing` or `resolved`, and the alerts in it."""

    receiver: str
    status: str
    alerts: tuple[str, ...]

    @classmethod
    def of(cls, document: dict[str, Any]) -> Self:
        """Read Alertmanager's JSON."""
        names = (f"{alert['status']} {alert['labels']['alertname']}" for alert in document["alerts"])
        return cls(document["receiver"], document["status"], tuple(sorted(names)))


class Webhook:
    """`with Webhook() as webhook`: `notifications` are those so far, in the order in which they came."""

    def __init__(self) -> None:
        self.notifications: list[Notification] = []
        arrived = self.notifications.append

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                arrived(Notification.of(json.loads(body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)

    @property
    def place(self) -> str:
        """HOST:PORT."""
        return f"{LOOPBACK}:{self._server.server_port}"

    def of(self, receiver: str) -> list[Notification]:
        """What a receiver was told."""
        return [told for told in self.notifications if told.receiver == receiver]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class Alertmanager(Server):
    """`with Alertmanager(folder) as alertmanager`; the folder holds its alertmanager.yml."""

    def __init__(self, folder: Path) -> None:
        configured = f"--config.file={folder / 'alertmanager.yml'}"
        flags = (configured, f"--storage.path={folder / 'data'}", "--cluster.listen-address=")
        super().__init__("prometheus-alertmanager", folder, *flags)

    def add(self, alerts: Sequence[Mapping[str, str]]) -> None:
        """Let alerts with these labels fire from now on."""
        body = json.dumps([{"labels": dict(labels)} for labels in alerts]).encode()
        headers = {"Content-Type": "application/json"}
        urlopen(Request(f"{self.address}/api/v2/alerts", body, headers), timeout=20).close()

    def held_back(self) -> dict[tuple[str, str], bool]:
        """Job (empty without one) and name of every alert that fires -> whether another one inhibits it."""
        with urlopen(f"{self.address}/api/v2/alerts", timeout=20) as answer:
            found = json.load(answer)
        return {
            (alert["labels"].get("job", ""), alert["labels"]["alertname"]): bool(
                alert["status"]["inhibitedBy"]
            )
            for alert in found
        }
