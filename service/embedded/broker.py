"""The life of an embedded broker: start, kill, stop, and start again on the same port and data."""

import asyncio
import atexit
import base64
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from rich.console import Console

from service.embedded import jars
from service.embedded.broker_log import NO_ROOM, BrokerLog
from service.embedded.errors import BrokerError, PortTakenError
from service.embedded.java import JavaProcess
from service.embedded.ports import LOOPBACK, accepts, free_port, is_free
from service.embedded.properties import PLAIN_LISTENER, server_properties
from service.embedded.secured import LISTENER, Secured

_START_SECONDS = 120
_FORMAT_SECONDS = 60
_STOP_SECONDS = 20
_TRIES = 3
_LITTLE_ROOM = 1 << 20  # bytes; the log may have found no room for the reason


class Broker:
    """A Kafka broker (KRaft, one node, loopback only) in a process of its own.

    `data_dir` keeps the data between lives; None means a temporary directory, deleted by `close`.
    `port` 0 picks a free one, kept from the first start on. `overrides` are Kafka broker settings.
    `cluster` is the id that new data get (see `new_cluster`); empty: one of their own.
    It speaks plaintext to whoever comes, or, `secured`, TLS to its users.
    Blocking: call it through `asyncio.to_thread` from a running event loop.

    All methods raise BrokerError with a sentence. The process dies with this Python process.
    """

    def __init__(
        self,
        data_dir: Path | str | None = None,
        port: int = 0,
        overrides: Mapping[str, str] | None = None,
        console: Console | None = None,
        cluster: str = "",
        secured: Secured | None = None,
    ) -> None:
        self._secured = secured
        self._temporary = data_dir is None
        own = Path(tempfile.gettempdir()) / f"subpulse-broker-{uuid.uuid4().hex}"
        self.data_dir = own if data_dir is None else Path(data_dir).resolve()
        self.port, self._may_choose_port = port or free_port(), not port
        self._overrides, self._cluster = dict(overrides or {}), cluster or new_cluster()
        self._console = console or Console(stderr=True)
        self._log = BrokerLog(self.data_dir / "broker.log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address for `bootstrap_servers`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def client(self) -> dict[str, Any]:
        """Options with which an aiokafka client reaches it."""
        return {"bootstrap_servers": self.bootstrap, **(self._secured.client if self._secured else {})}

    @property
    def log_file(self) -> Path:
        """What the broker prints, over all its lives."""
        return self._log.file

    @property
    def pid(self) -> int | None:
        """The process id while the broker runs, else None."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> Self:
        """Start the broker and wait until it answers clients (at most two minutes)."""
        if self.pid is not None:
            return self
        if not is_free(self.port):
            raise BrokerError(
                f"port {self.port} of {LOOPBACK} is in use by another program; stop that one, "
                "or choose another port (0 picks a free one)"
            )
        files = jars.ensure(self._console)
        self._launch_on_a_free_port(files)
        self._may_choose_port = False
        atexit.register(self.close)
        return self

    def _launch_on_a_free_port(self, files: list[Path]) -> None:
        """Between the choice of a port and its use lie seconds, in which somebody else may take it.

        The controller's port is chosen anew at each launch, so trying again helps where ours is given, too.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._launch(files)
            except PortTakenError:
                if self._may_choose_port:
                    self.port = free_port()
        return self._launch(files)

    def _launch(self, files: list[Path]) -> None:
        self._log.new_life()
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            configuration = self._write_configuration()
            self._format(files, configuration)
            self._process = JavaProcess(files, "kafka.Kafka", [str(configuration)], self.log_file).process
        except OSError as error:
            raise BrokerError(f"cannot start the broker with its data in {self.data_dir}: {error}") from error
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop it in order; kill it where that takes longer than 20 seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would (kill -9)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Stop it in order and start it again on the same port and data."""
        self.stop()
        self.start()

    def wait(self) -> int:
        """Wait until the broker ends by itself; its exit code."""
        if self._process is None:
            raise BrokerError("the broker was not started")
        return self._process.wait()

    def why_it_ended(self) -> str:
        """A sentence on a broker that ended by itself: its disk is full, or else where to look."""
        full = self._log.disk_is_full()
        if full is None and shutil.disk_usage(self.data_dir).free < _LITTLE_ROOM:
            full = NO_ROOM
        if full is None:
            return f"its log is {self.log_file}"
        return (
            f"it could not write to {self.data_dir} ({full}): make room there and start it again; what it "
            f"has confirmed is kept{', but for temporary data' if self._temporary else ''}"
        )

    def close(self) -> None:
        """Stop the broker for good and delete its data if they were temporary."""
        atexit.unregister(self.close)
        if self._temporary:
            self.kill()
            shutil.rmtree(self.data_dir, ignore_errors=True)
        else:
            self.stop()

    def __enter__(self) -> Self:
        """Start the broker; if that fails the log stays, for the error names it."""
        try:
            return self.start()
        except KeyboardInterrupt:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the broker."""
        self.close()

    @property
    def _identity(self) -> Path:
        """Where Kafka keeps which cluster the data belong to."""
        return self.data_dir / "kafka" / "meta.properties"

    def _write_configuration(self) -> Path:
        path = self.data_dir / "server.properties"
        secured = self._secured.properties() if self._secured else {}
        listener, logs = LISTENER if self._secured else PLAIN_LISTENER, self.data_dir / "kafka"
        overrides = {**secured, **self._overrides}
        path.write_text(
            server_properties(logs, listener, self.port, free_port(self.port), overrides), "utf-8"
        )
        return path

    def _format(self, files: list[Path], configuration: Path) -> None:
        """Give a new data directory its cluster id; an old one keeps its own."""
        if self._identity.exists():
            return
        arguments = ["format", f"--cluster-id={self._cluster}", "--config", str(configuration)]
        for credential in self._secured.credentials() if self._secured else ():
            arguments += ["--add-scram", credential]
        storage_tool = JavaProcess(files, "kafka.tools.StorageTool", arguments, self.log_file).process
        try:
            code = storage_tool.wait(_FORMAT_SECONDS)
        except subprocess.TimeoutExpired:
            storage_tool.kill()
            code = storage_tool.wait()
        if code != 0:
            raise BrokerError(f"cannot prepare {self.data_dir} for the broker; {self._log.last_words()}")

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            code = process.poll()
            if code is not None:
                kind = PortTakenError if self._log.port_is_taken() else BrokerError
                raise kind(f"the broker ended while starting (exit code {code}); {self._log.last_words()}")
            if accepts(self.port) and self._answers():
                return
            time.sleep(0.1)
        waited = f"the broker does not answer on {self.bootstrap} after {_START_SECONDS} s"
        raise BrokerError(f"{waited}; {self._log.last_words()}")

    def _answers(self) -> bool:
        """Whether it is this broker that answers, and no other one on its port, and as a member of its
        cluster (in a thread: a loop may be running)."""
        answer: list[str | None] = []
        thread = threading.Thread(target=lambda: answer.append(asyncio.run(_cluster_of(self.client))))
        thread.start()
        thread.join()
        return bool(answer and answer[0] and f"cluster.id={answer[0]}" in self._identity.read_text("utf-8"))


def new_cluster() -> str:
    """A cluster id as Kafka writes it."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


async def _cluster_of(client: Mapping[str, Any]) -> str | None:
    """The id of the cluster of which a broker is that answers there; None if there is none yet."""
    admin = AIOKafkaAdminClient(**client, request_timeout_ms=5_000)
    try:
        await admin.start()
        told = await admin.describe_cluster()
        return told["cluster_id"] if told["brokers"] else None
    except KafkaError:
        return None
    finally:
        await admin.close()
