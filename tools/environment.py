"""The project's own environment: made from the locks, and made anew only when they change.

`.cache/uv` holds the installer, `.venv` the project's packages, and `.venv/installed.json` says from which
locks they came. `.cache/peers/venv` holds what others have made and `./dev bench peers` measures.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
BUILD_LOCK = "requirements-build.txt"
RUN_LOCK = "requirements.txt"
WORKER_LOCK = "requirements-worker.txt"
DEVELOPMENT_LOCK = "requirements-dev.txt"
PEERS_LOCK = "requirements-peers.txt"
PEERS = CACHE / "peers" / "venv"
COMPILED = "service/domain/records/plain_compiled.pyx"
_INSTALLED = VENV / "installed.json"


class DevError(Exception):
    """What went wrong, as one sentence."""


def say(what: str) -> None:
    """Tell what is being done; not on standard output, which belongs to the command."""
    sys.stderr.write(f"./dev: {what}\n")
    sys.stderr.flush()


def program(name: str) -> Path:
    """The path of a program of the environment."""
    return VENV / "bin" / name


def variables() -> dict[str, str]:
    """The environment variables under which the programs run."""
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", "")])
    return {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": path}


def uv() -> Path:
    """The installer, fetched with pip on the first use."""
    home = CACHE / "uv"
    mark, wanted = home / "installed", _hash(BUILD_LOCK)
    if not (mark.exists() and mark.read_text() == wanted):
        say("making a place for the installer (uv), once; a slow machine takes a minute")
        run([sys.executable, "-m", "venv", "--clear", str(home)], "Debian: apt install python3-venv")
        say("fetching the installer (uv)")
        fetch = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", BUILD_LOCK]
        run([str(home / "bin" / "python"), "-m", "pip", *fetch], "is the package index reachable?")
        mark.write_text(wanted)
    return home / "bin" / "uv"


def prepare(*, development: bool) -> None:
    """Bring `.venv` to what the locks say; nothing to do in most runs."""
    with _alone():
        before = _installed()
        # Whoever has the tools keeps them: the demo between two test runs must not throw them out.
        lock = DEVELOPMENT_LOCK if development or before.get("lock") == DEVELOPMENT_LOCK else RUN_LOCK
        hashed = _hash(BUILD_LOCK, lock, "pyproject.toml", COMPILED)
        wanted = {"lock": lock, "hash": hashed, "root": str(ROOT)}
        if before == wanted:
            return
        installer = str(uv())
        if not program("python").exists():
            say(f"making .venv with Python {sys.version.split()[0]}")
            run([installer, "venv", "--quiet", "--python", sys.executable, str(VENV)])
        _INSTALLED.unlink(missing_ok=True)
        say(f"installing what {lock} pins")
        target = ["--python", str(program("python"))]
        run(
            [installer, "pip", "sync", *target, "--require-hashes", BUILD_LOCK, lock],
            "is the package index reachable?",
        )
        run([installer, "pip", "install", "--quiet", *target, "--no-deps", "--no-build-isolation", "-e", "."])
        _INSTALLED.write_text(json.dumps(wanted))


def prepare_peers() -> None:
    """Bring the environment of the Python peers to what their lock says."""
    with _alone():
        mark, wanted = PEERS / "installed", _hash(PEERS_LOCK)
        if mark.exists() and mark.read_text() == wanted:
            return
        installer = str(uv())
        say(f"installing what {PEERS_LOCK} pins, for the peers alone")
        run([installer, "venv", "--quiet", "--clear", "--python", sys.executable, str(PEERS)])
        target = ["--python", str(PEERS / "bin" / "python")]
        run(
            [installer, "pip", "sync", "--quiet", *target, "--require-hashes", PEERS_LOCK],
            "is the package index reachable?",
        )
        mark.write_text(wanted)


def run(command: list[str], hint: str = "") -> None:
    """Run a step in the project's folder; DevError, with the hint, if it fails."""
    if subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr).returncode:
        raise DevError(f"`{' '.join(command)}` failed{f' ({hint})' if hint else ''}; its words are above")


def _hash(*names: str) -> str:
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in names)).hexdigest()


def _installed() -> dict[str, str]:
    if not program("python").exists():
        return {}
    try:
        found: dict[str, str] = json.loads(_INSTALLED.read_text())
    except (OSError, ValueError):
        return {}
    return found


@contextmanager
def _alone() -> Iterator[None]:
    """Let one ./dev at a time touch the environment."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
