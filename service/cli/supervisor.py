"""Runs the worker as a child process and starts it afresh where that helps."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

from service.leash import leashed
from service.stream.endings import PERSON_NEEDED, STOPPED

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds
HEALTHY = 60.0  # seconds; who ran that long starts again without delay
FINAL = (STOPPED, PERSON_NEEDED)


class Supervisor:
    """One worker at a time: a child on a leash, so that it never outlives this process.

    SIGTERM and SIGINT are passed on; the child then saves, leaves its group and ends, and so do we.
    Exit code 0 (stopped) and 78 (a person must look) are final, all others start the worker again.
    """

    def __init__(
        self, command: list[str], environment: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self._command = leashed(command)
        self._environment, self._say = dict(environment), say
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self) -> int:
        """Until the worker has ended for good; its exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._pass_on)
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            code = self._run_once()
            if code in FINAL:
                return code
            if (
                self._stopping
            ):  # SIGTERM in the first second, before anything was there to be saved, just ends it
                return STOPPED if code == -signal.SIGTERM else abs(code)
            if time.monotonic() - began >= HEALTHY:
                pause = FIRST_PAUSE
            wait = pause * random.uniform(0.8, 1.2)  # workers that fell together do not rise together
            self._say(f"the worker ended with {told(code)}; starting it again in {wait:.1f} s")
            self._sleep(wait)
            if self._stopping:
                return STOPPED
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run_once(self) -> int:
        # A session of its own: Ctrl-C reaches the child once, through us, and not a second time by the
        # terminal.
        self._child = subprocess.Popen(self._command, env=self._environment, start_new_session=True)
        if self._stopping:
            self._child.terminate()
        return self._child.wait()

    def _pass_on(self, number: int, frame: Any) -> None:
        self._stopping = True
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))


def told(code: int) -> str:
    """An exit code in words."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
