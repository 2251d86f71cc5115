"""The demo as a newcomer runs it: real broker, real workers, real terminal; and nothing of it remains."""

import os
import pty
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

MARK = "DEMO_UNDER_TEST"
COMMAND = [sys.executable, "-m", "service.cli", "demo", "--customers", "300", "--http-port", "0"]
PATIENCE = 120.0


class Demo:
    """A demo that is running in a folder for temporary files of its own."""

    def __init__(self, folder: Path, *options: str, terminal: bool = False) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.terminal, theirs = pty.openpty() if terminal else (None, subprocess.PIPE)
        environment = {**os.environ, "TMPDIR": str(folder), MARK: self.mark, "TERM": "xterm"}
        environment |= {"COLUMNS": "120", "LINES": "50"}
        self.process = subprocess.Popen(
            [*COMMAND, *options],
            env=environment,
            stdin=theirs if terminal else subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.STDOUT if terminal else (folder.parent / "progress").open("wb"),
            start_new_session=True,
            preexec_fn=_take_the_terminal if terminal else None,
        )
        if terminal:
            os.close(theirs)

    def progress(self) -> str:
        return (self.folder.parent / "progress").read_text()

    def says(self, text: str) -> None:
        """Wait until it has said so; else tell what it and its broker said instead."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.progress():
            if self.process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            brokers = [log.read_text()[-2_000:] for log in self.folder.glob("*/broker.log")]
            running = [process.cmdline()[-3:] for process in self.remains()]
            pytest.fail("\n".join([f"it did not say {text!r}", self.progress(), *brokers, f"{running}"]))

    def remains(self) -> list[psutil.Process]:
        """Processes that this demo started, itself included, which still run."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == self.mark
        except psutil.Error:
            return False


def _take_the_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """`start(*options, terminal=False)`; whatever a failed test leaves running is ended."""
    (tmp_path / "temporary").mkdir()
    demos: list[Demo] = []

    def started(*options: str, terminal: bool = False) -> Demo:
        demos.append(Demo(tmp_path / "temporary", *options, terminal=terminal))
        return demos[-1]

    yield started
    for demo in demos:
        for process in demo.remains():
            process.kill()


def test_demo_once_prints_full_figures_and_leaves_nothing_behind(start):
    demo = start("--once")
    printed, _ = demo.process.communicate(timeout=PATIENCE)
    text = printed.decode()
    assert demo.process.returncode == 0, demo.progress()
    assert ", complete" in text
    assert "\x1b" not in text
    churn = next(line for line in text.splitlines() if line.strip().startswith("churn"))
    assert churn.count("%") == 7
    assert "First full figures" in demo.progress()
    assert "/api/v1/figures" in demo.progress()
    assert not demo.remains()
    assert not list(demo.folder.iterdir())


def test_ctrl_c_in_the_middle_of_the_start_ends_everything(start):
    demo = start()
    demo.says("Worker 1 is starting")
    assert len(demo.remains()) >= 3
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(30) == 0, demo.progress()
    assert "nothing is left running" in demo.progress()
    assert not demo.remains()
    assert not list(demo.folder.iterdir())


def test_a_demo_that_is_killed_takes_its_broker_and_workers_with_it(start):
    demo = start()
    demo.says("Worker 2 is starting")
    demo.process.kill()
    demo.process.wait()
    deadline = time.monotonic() + 10
    while demo.remains():
        assert time.monotonic() < deadline, demo.remains()
        time.sleep(0.2)


def test_in_a_terminal_c_raises_churn_and_q_ends(start):
    demo = start("--hours", "24", terminal=True)
    seen = b""

    def sees(text: bytes) -> None:
        nonlocal seen
        seen = b""
        deadline = time.monotonic() + PATIENCE
        while text not in seen:
            assert time.monotonic() < deadline, seen[-3000:].decode(errors="replace")
            seen += os.read(demo.terminal, 65_536)

    sees(b"Time-lapse")
    os.write(demo.terminal, b"c")
    sees(b"CHURN SPIKE: 10 times")
    os.write(demo.terminal, b"c")
    sees(b"Churn is as usual.")
    os.write(demo.terminal, b"q")
    sees(b"nothing is left running")
    assert demo.process.wait(30) == 0
    assert not demo.remains()
    assert not list(demo.folder.iterdir())
    os.close(demo.terminal)
