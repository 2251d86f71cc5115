"""Calling `subpulse` as a person does: in a process of its own, without settings from around."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def subpulse(
    *arguments: str | Path, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run it to its end; `environment` is on top of that of the test, settings excepted."""
    around = {name: value for name, value in os.environ.items() if not name.upper().startswith("SUBPULSE_")}
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", *map(str, arguments)],
        input=stdin,
        env={**around, "COLUMNS": "200", **environment},
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def failed_with_a_sentence(done: subprocess.CompletedProcess[str], *words: str) -> bool:
    """Whether it failed in the house's way: these words on stderr, nothing on stdout, no stack trace."""
    told = all(word in done.stderr for word in words)
    return done.returncode != 0 and told and "Traceback" not in done.stderr and not done.stdout
