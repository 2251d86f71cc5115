"""Processes that are measured: what they say, and what they take."""

import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

POLL = 0.02  # seconds
REFRESHES = "subpulse_refresh_seconds_count"
ANSWER = 30.0  # seconds until a worker has told its metrics


class Speed(NamedTuple):
    """How fast events were processed."""

    events_per_second: float
    events_per_cpu_second: float


class Measured:
    """A process and how much CPU it has used."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        with tempfile.NamedTemporaryFile(prefix="subpulse-bench-", delete=False) as output:
            self.log = Path(output.name)
            self.process = subprocess.Popen(
                command, env={**os.environ, **(environment or {})}, stdout=output, stderr=output
            )
        self._seen = psutil.Process(self.process.pid)

    def cpu(self) -> float:
        """CPU seconds so far, of all threads, and of processes that it started."""
        used = [one.cpu_times() for one in self._tree()]
        return float(sum(t.user + t.system + t.children_user + t.children_system for t in used))

    def resident(self) -> int:
        """Resident memory, bytes, likewise."""
        return sum(int(one.memory_info().rss) for one in self._tree())

    def peak(self) -> int:
        """The most resident memory that it ever had, bytes (Linux; elsewhere what it has now)."""
        try:
            told = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return self.resident()
        return int(told.partition("VmHWM:")[2].split()[0]) * 1024

    def told(self) -> str:
        """What it has printed."""
        return self.log.read_text(errors="replace")

    def ended(self) -> bool:
        """Whether it does not run any more."""
        return self.process.poll() is not None

    def _tree(self) -> list[psutil.Process]:
        return [self._seen, *self._seen.children(recursive=True)]

    def until_told(self, words: str, seconds: float = 120) -> None:
        """Until the process has printed `words`."""
        self.until(lambda: words in self.told(), seconds, repr(words))

    def until(self, fits: Callable[[], bool], seconds: float, what: str, pause: float = POLL) -> None:
        """Ask again each `pause` seconds until it fits.

        Raises:
            RuntimeError: it does not within so many seconds, or the process has ended; `what` was waited for.
        """
        limit = time.monotonic() + seconds
        while not fits():
            if self.ended() or time.monotonic() > limit:
                raise RuntimeError(f"no {what} from {self.process.args!r}: {self.told()[-2_000:]}")
            time.sleep(pause)

    def address(self) -> str:
        """Where a worker serves."""
        found = re.search(r"http://[\d.:]+", self.told())
        assert found, "a worker logs where it serves"
        return found[0]

    def metric(self, name: str, labels: str = "") -> float:
        """The sum of a worker's series of this name whose labels hold the text `labels`."""
        return sum(value for series, value in self._series(name) if labels in series)

    def above(self, histogram: str, bound: float) -> float:
        """How many observations of a worker's histogram lie above one of its bounds."""
        found = dict(self._series(f"{histogram}_(count|bucket)"))
        return found[f"{histogram}_count"] - found[f'{histogram}_bucket{{le="{bound}"}}']

    def _series(self, pattern: str) -> list[tuple[str, float]]:
        # The library's parser takes a core that is measured for a tenth of a second, ten times a second.
        with urllib.request.urlopen(f"{self.address()}/metrics", timeout=ANSWER) as answer:
            lines = answer.read().decode().splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if re.match(rf"{pattern}[ {{]", line)]
        return [(series, float(value)) for series, value in pairs]

    def halt(self) -> None:
        """Have it do nothing at all until it may `go_on`."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `halt`."""
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Stop it and forget its log."""
        self.process.kill()
        self.process.wait()
        self.log.unlink()


class Stopwatch:
    """Time and CPU of processes, from now on."""

    def __init__(self, *processes: Measured) -> None:
        self._processes, self._began, self._used = processes, time.monotonic(), 0.0
        self._used = self.cpu

    @property
    def seconds(self) -> float:
        """By the clock."""
        return time.monotonic() - self._began

    @property
    def cpu(self) -> float:
        """CPU seconds of all of them."""
        return sum(one.cpu() for one in self._processes) - self._used

    def speed(self, events: float) -> Speed:
        """If so many events were processed since."""
        return Speed(events / self.seconds, events / self.cpu)
