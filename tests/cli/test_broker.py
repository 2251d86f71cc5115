"""`subpulse broker` as a person runs it: in a terminal, until Ctrl-C."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.embedded.ports import accepts, free_port


def subpulse_broker(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "service.cli", "broker", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"it ended before it said {words!r}")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_kafka_answers_and_leaves_nothing_running(tmp_path: Path, stop: signal.Signals):
    process = subpulse_broker("--data", str(tmp_path / "data"), "--port", "0")
    try:
        port = int(re.findall(r"127\.0\.0\.1:(\d+)", read_until(process, "answers on"))[0])
        assert accepts(port)
        process.send_signal(stop)
        rest = process.communicate(timeout=30)[1]
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "Kafka has stopped." in rest
    assert not accepts(port)
    assert (tmp_path / "data" / "broker.log").exists()


def test_a_taken_port_is_a_sentence_and_a_failure(broker):
    process = subpulse_broker("--port", str(broker.port))
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert f"port {broker.port} of 127.0.0.1 is in use" in " ".join(said.split())
    assert "Traceback" not in said


def test_a_free_port_is_free_and_below_the_ports_of_outgoing_connections():
    port = free_port()
    assert not accepts(port)
    assert 20_000 <= port < 30_000
