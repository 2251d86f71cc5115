"""The supervisor: starts a worker afresh where that helps, and only there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RUN = """
import sys
from service.cli.supervisor import Supervisor
sys.exit(Supervisor([sys.executable, "-c", sys.argv[1]], {**__import__("os").environ}, print).run())
"""
COUNTING = """
import os, pathlib, sys, time
place = pathlib.Path(os.environ["PLACE"])
with place.open("a") as file: file.write(f"{os.getpid()}\\n")
started = len(place.read_text().split())
"""


def supervise(place: Path, child: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, COUNTING + child],
        env={**os.environ, "PLACE": str(place)},
        stdout=subprocess.PIPE,
        text=True,
    )


def starts(place: Path, at_least: int = 1, seconds: float = 20) -> list[int]:
    """Process ids of the children so far."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = [int(word) for word in place.read_text().split()] if place.exists() else []
        if len(found) >= at_least:
            return found
        time.sleep(0.05)
    raise AssertionError("no child was started")


@pytest.mark.parametrize("code", [0, 78])
def test_stopped_and_a_person_is_needed_are_final(tmp_path: Path, code: int) -> None:
    parent = supervise(tmp_path / "starts", f"sys.exit({code})")
    assert parent.wait(20) == code
    assert len(starts(tmp_path / "starts")) == 1


@pytest.mark.parametrize("end", ["sys.exit(75)", "sys.exit(70)", "os.kill(os.getpid(), 9)"])
def test_other_endings_start_it_again_after_a_pause(tmp_path: Path, end: str) -> None:
    began = time.monotonic()
    parent = supervise(tmp_path / "starts", f"{end} if started < 3 else sys.exit(0)")
    assert parent.wait(20) == 0
    assert len(starts(tmp_path / "starts")) == 3
    assert time.monotonic() - began > 0.8 * (0.5 + 1.0)
    assert parent.stdout is not None
    assert parent.stdout.read().count("starting it again in") == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on_and_the_child_may_finish(tmp_path: Path, number: signal.Signals) -> None:
    finish = "lambda *_: (time.sleep(0.3), sys.exit(0))"
    child = f"import signal; signal.signal(signal.SIGTERM, {finish}); time.sleep(60)"
    parent = supervise(tmp_path / "starts", child)
    starts(tmp_path / "starts")
    time.sleep(0.5)
    parent.send_signal(number)
    assert parent.wait(10) == 0
    assert len(starts(tmp_path / "starts")) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the leash is Linux's")
@pytest.mark.platform_specific
def test_the_child_never_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    parent = supervise(tmp_path / "starts", "time.sleep(60)")
    (child,) = starts(tmp_path / "starts")
    parent.kill()
    parent.wait()
    limit = time.monotonic() + 10
    while Path(f"/proc/{child}").exists():
        state = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state == "Z":
            break
        assert time.monotonic() < limit
        time.sleep(0.05)
