"""Signals while the imports still run: a module in the way makes them last as long as we like."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.calling import ROOT

IN_THE_WAY = "import pathlib, sys, time\npathlib.Path(sys.argv[-1]).touch()\ntime.sleep(60)\n"


@pytest.mark.parametrize(
    ("program", "slow", "number", "code"),
    [
        (("service", "worker"), "typer", signal.SIGTERM, 0),
        (("service", "worker"), "typer", signal.SIGINT, 130),
        (("service", "demo"), "typer", signal.SIGINT, 130),
        (("service", "demo"), "rich", signal.SIGINT, 130),
        (("service.worker",), "faust", signal.SIGTERM, 0),
        (("service.worker",), "faust", signal.SIGINT, 0),
    ],
)
def test_a_signal_in_the_first_second_ends_quietly(
    program: tuple[str, ...], slow: str, number: int, code: int, tmp_path: Path
) -> None:
    (tmp_path / f"{slow}.py").write_text(IN_THE_WAY)
    reached = tmp_path / "reached"
    with subprocess.Popen(
        [sys.executable, "-m", *program, str(reached)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=ROOT,
        stderr=subprocess.PIPE,
    ) as process:
        limit = time.monotonic() + 60
        while not reached.exists() and time.monotonic() < limit:
            time.sleep(0.02)
        process.send_signal(number)
        assert process.stderr is not None
        assert (process.wait(30), process.stderr.read()) == (code, b"")
