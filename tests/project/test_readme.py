"""The README names only what there is: commands, settings, files."""

import re
from pathlib import Path

import pytest

from service.cli import COMMANDS
from service.settings import Settings

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()


def test_it_begins_with_the_demo_and_then_the_tests():
    first, second = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)[:2]
    assert (first, second) == ("./dev demo", "./dev test")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"\./dev ([a-z]+)", README))))
def test_a_command_of_dev_is_one(command):
    assert f'case "{command}"' in (ROOT / "tools" / "dev.py").read_text()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"\./dev subpulse ([a-z-]+)", README))))
def test_a_command_of_subpulse_is_one(command):
    assert command in COMMANDS


def test_its_variables_are_settings():
    known = {f"SUBPULSE_{name.upper()}" for name in Settings.model_fields} | {"SUBPULSE_CONFIG"}
    assert set(re.findall(r"SUBPULSE_[A-Z_]+\b", README)) <= known


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)|^\| `([^`]+)`", README, re.M)))
)
def test_every_file_and_folder_that_it_names_is_there(target):
    for name in filter(None, target):
        assert (ROOT / name).exists()
