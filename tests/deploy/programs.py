"""The programs of the Prometheus family, as Debian packages them."""

import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
}
"""Program -> package."""


def program(name: str) -> str:
    """Its path; without it the test is skipped, and says what to install."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt install {PACKAGES[name]})")
    return found


def told(name: str, *arguments: str | Path) -> str:
    """What a program says; where it finds fault, its words are the failure."""
    command = [program(name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
