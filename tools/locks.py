"""The locks: every package of every environment, pinned to a version and its hashes, naming no host."""

import subprocess
import tempfile
from pathlib import Path

from environment import (
    BUILD_LOCK,
    DEVELOPMENT_LOCK,
    PEERS_LOCK,
    ROOT,
    RUN_LOCK,
    WORKER_LOCK,
    DevError,
    say,
    uv,
)

BUILD_INPUT, PEERS_INPUT = "requirements-build.in", "requirements-peers.in"
# In this order: each is held to the versions of those before it, so that all fit into one environment. Only
# the peers have one of their own.
SOURCES = {
    RUN_LOCK: ("pyproject.toml", "--extra", "embedded"),
    WORKER_LOCK: ("pyproject.toml",),
    DEVELOPMENT_LOCK: ("pyproject.toml", "--extra", "embedded", "--extra", "dev"),
    BUILD_LOCK: (BUILD_INPUT,),
    PEERS_LOCK: (PEERS_INPUT,),
}
_OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate")


def make(options: list[str], directory: Path = ROOT) -> None:
    """Resolve anew and write the locks, keeping pinned versions unless the options say otherwise."""
    installer = str(uv())
    before: list[str] = []
    for lock, source in SOURCES.items():
        say(f"resolving {lock}")
        held = [] if lock == PEERS_LOCK else before
        command = [installer, "pip", "compile", "--quiet", *_OPTIONS, *source, *held, *options]
        if subprocess.run(
            [*command, "-o", str(directory / lock)], cwd=ROOT, check=False, stdout=subprocess.DEVNULL
        ).returncode:
            raise DevError(f"{lock} could not be resolved; the reason is above")
        before += ["-c", str(directory / lock)]


def stale() -> list[str]:
    """The locks that would change if they were made now."""
    with tempfile.TemporaryDirectory() as directory:
        for lock in SOURCES:
            (Path(directory) / lock).write_bytes((ROOT / lock).read_bytes())
        make([], Path(directory))
        return [
            lock for lock in SOURCES if (Path(directory) / lock).read_bytes() != (ROOT / lock).read_bytes()
        ]
