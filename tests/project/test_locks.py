"""The locks: pinned with hashes, naming no host, and one version of a package in all that are ours."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LOCKS = sorted(ROOT.glob("requirements*.txt"))


def requirements(lock: Path) -> list[str]:
    """Each requirement of a lock with its continuation lines."""
    return lock.read_text().replace("\\\n", " ").splitlines()


def versions(lock: Path) -> dict[str, str]:
    return {
        line.split("==")[0] + line.partition(";")[2].split("--")[0]: line.split()[0]
        for line in requirements(lock)
    }


def test_there_are_five_locks():
    assert len(LOCKS) == 5


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_with_hashes(lock):
    for line in requirements(lock):
        assert re.match(r"[a-z0-9._-]+==\S+ ", line), line
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), line


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_host_and_no_folder(lock):
    assert "/" not in lock.read_text()


def test_the_locks_agree_on_every_version_but_for_the_peers_which_live_apart():
    together: dict[str, str] = {}
    for lock in (lock for lock in LOCKS if lock.stem != "requirements-peers"):
        for name, version in versions(lock).items():
            assert together.setdefault(name, version) == version
