"""The one door: it teaches, it works from any folder and in a fresh copy, and it installs only once."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
IGNORED = shutil.ignore_patterns(".git", ".venv", ".cache", ".*_cache", ".hypothesis", "__pycache__")


def dev(
    *arguments: str, folder: Path, root: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    command = [str(root / "dev"), *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_alone_it_teaches_its_commands(tmp_path):
    outcome = dev(folder=tmp_path)
    assert outcome.returncode == 0
    for command in ("demo", "test", "check", "bench", "storm", "dashboards", "subpulse", "lock"):
        assert f"./dev {command}" in outcome.stdout


def test_an_unknown_command_is_told_and_fails(tmp_path):
    outcome = dev("dmeo", folder=tmp_path)
    assert outcome.returncode == 2
    assert "no command 'dmeo'" in outcome.stderr


def test_without_python_it_says_what_to_install(tmp_path):
    for tool in ("sh", "dirname", "readlink"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    outcome = dev(folder=tmp_path, PATH=str(tmp_path))
    assert outcome.returncode == 1
    assert "needs Python 3.11 or later" in outcome.stderr


@pytest.mark.timeout(600)
def test_a_fresh_copy_makes_its_environment_once_and_keeps_the_folder_one_stands_in(tmp_path):
    copy = tmp_path / "a copy"
    shutil.copytree(ROOT, copy, ignore=IGNORED)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    first = dev("subpulse", "replay", "events.ndjson", folder=elsewhere, root=copy)
    assert "installing what requirements.txt pins" in first.stderr
    assert first.returncode != 0  # there is no such file yet

    (elsewhere / "events.ndjson").write_text("")
    second = dev("subpulse", "replay", "events.ndjson", folder=elsewhere, root=copy)
    assert second.returncode == 0, second.stderr
    assert "installing" not in second.stderr

    (copy / "requirements.txt").write_text((copy / "requirements.txt").read_text() + "\n")
    third = dev("subpulse", "--help", folder=elsewhere, root=copy)
    assert "installing what requirements.txt pins" in third.stderr
    assert third.returncode == 0, third.stderr
