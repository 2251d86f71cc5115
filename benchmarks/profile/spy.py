"""py-spy beside a worker: what its threads are at, many times a second."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measured import Measured

RATE = 100  # samples a second
PROGRAM = Path(sys.executable).with_name("py-spy")
ADVICE = (
    "py-spy must be allowed to look into another process: run it as root, or allow it to all of a user "
    "(Linux: sysctl kernel.yama.ptrace_scope=0)"
)


class NotAllowedError(Exception):
    """The profiler could not look; the text says what to do."""


@contextmanager
def recording(worker: Measured, file: Path, form: str, *options: str) -> Iterator[None]:
    """Look at the worker while it lasts; at its end `file` has what was seen.

    `form`: "raw", a line for each stack: frames, and how often seen; or "flamegraph".

    Raises:
        NotAllowedError: nothing was seen.
    """
    # A flame graph is titled with this command, and travels: it is told without the paths of this machine.
    target = ["--pid", str(worker.process.pid), "--output", file.name, "--format", form]
    command = [PROGRAM.name, "record", "--rate", str(RATE), "--duration", "3600", *target, *options]
    profiler = subprocess.Popen(
        command,
        executable=PROGRAM,
        cwd=file.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield
    finally:
        profiler.send_signal(signal.SIGINT)
        told, _ = profiler.communicate(timeout=60)
    if profiler.returncode or not file.exists():
        raise NotAllowedError(f"{ADVICE}; it said: {told.strip()[-500:]}")
