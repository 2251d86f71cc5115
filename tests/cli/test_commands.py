"""The command line as a whole: what it offers, how it explains itself, how it fails."""

import time
from pathlib import Path

import pytest

from service.cli import COMMANDS
from tests.cli.calling import failed_with_a_sentence, subpulse

ROOT = Path(__file__).parents[2]


def test_help_names_every_command_and_is_quick() -> None:
    began = time.process_time()
    done = subpulse("--help")
    assert time.process_time() - began < 2
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    done = subpulse("--help", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "typer" in imported
    assert not imported & {"numpy", "faust", "aiokafka", "pydantic", "msgspec", "prometheus_client"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches(name: str) -> None:
    done = subpulse(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"subpulse {name}" in done.stdout or f"service.cli {name}" in done.stdout
    assert len(done.stdout) > 600


def test_every_file_of_a_command_is_registered() -> None:
    offered = {
        path.stem.replace("_", "-")
        for path in (ROOT / "service" / "cli").glob("*.py")
        if "\ndef command(" in path.read_text() or "\napp = " in path.read_text()
    }
    assert offered - {"--init--"} == set(COMMANDS)


def test_the_version_is_told() -> None:
    assert subpulse("--version").stdout.startswith("subpulse 0.")


def test_a_misspelt_command_is_told_with_the_right_one() -> None:
    assert failed_with_a_sentence(subpulse("replya"), "Did you mean 'replay'?")


@pytest.mark.parametrize("command", [["settings"], ["replay", "-"], ["publish", "-"]])
def test_a_wrong_setting_ends_every_command_with_a_sentence(command: list[str]) -> None:
    done = subpulse(*command, SUBPULSE_HTTP_PORT="70000")
    assert done.returncode == 2
    assert failed_with_a_sentence(
        done, "setting http_port (environment variable SUBPULSE_HTTP_PORT): must be"
    )


def test_an_assignment_without_a_value_is_told() -> None:
    done = subpulse("settings", "--set", "chunk")
    assert failed_with_a_sentence(done, "write NAME=VALUE")
    assert done.returncode == 2


def test_who_stops_reading_our_output_gets_no_stack_trace() -> None:
    import subprocess
    import sys

    command = f"{sys.executable} -m service.cli metrics --markdown | head -c 10"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
