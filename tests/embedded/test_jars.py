"""Getting the jars once: checked against their pins, never half there, and offline from then on."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from service.embedded import BrokerError, jars

COORDINATE = "org.example:thing:1.0"
CONTENT = b"a jar, as far as anybody here looks"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A Maven repository on loopback that holds one jar, in place of the central one; and an empty cache."""
    folder = tmp_path / "repository" / "org" / "example" / "thing" / "1.0"
    folder.mkdir(parents=True)
    (folder / "thing-1.0.jar").write_bytes(CONTENT)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(QuietHandler, directory=str(tmp_path / "repository"))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    configuration = tmp_path / "jgo.conf"
    configuration.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "LOCK", tmp_path / "kafka.lock")
    pin(hashlib.sha256(CONTENT).hexdigest())
    yield server
    server.shutdown()
    server.server_close()


def pin(sha256: str, coordinate: str = COORDINATE) -> None:
    jars.LOCK.write_text(f"# one jar\n{coordinate} {sha256} {len(CONTENT)}\n")


@pytest.fixture
def console() -> Console:
    return Console(record=True, quiet=False, force_terminal=False, width=200)


def test_a_jar_is_fetched_once_and_then_read_offline(repository, console):
    (first,) = jars.ensure(console)
    assert first.read_bytes() == CONTENT
    assert "Fetching Kafka" in console.export_text()

    repository.shutdown()
    repository.server_close()
    assert jars.ensure(console) == [first]
    assert "Fetching" not in console.export_text()


def test_a_jar_with_another_content_is_refused_and_not_kept(repository, console):
    pin(sha256="0" * 64)
    with pytest.raises(BrokerError, match=r"org\.example:thing:1\.0 came with another content"):
        jars.ensure(console)
    assert list(jars.cache_directory().iterdir()) == []


def test_a_jar_that_nobody_has_is_told(repository, console):
    pin(sha256="0" * 64, coordinate="org.example:other:1.0")
    with pytest.raises(BrokerError, match=r"cannot fetch org\.example:other:1\.0"):
        jars.ensure(console)


def test_repositories_out_of_reach_are_told(repository, console):
    repository.shutdown()
    repository.server_close()
    with pytest.raises(BrokerError, match="the first start of the embedded broker needs them"):
        jars.ensure(console)
    assert list(jars.cache_directory().iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told(repository, console, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(BrokerError, match="cannot keep the jars of Kafka in"):
        jars.ensure(console)


def test_every_jar_of_the_real_lock_is_pinned():
    for jar in jars.pinned():
        assert jar.file_name.endswith(".jar")
        assert len(jar.sha256) == 64
        assert jar.size > 0
