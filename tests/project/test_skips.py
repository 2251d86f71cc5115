"""In CI nothing is skipped in silence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent.parent / "conftest.py"
SKIPPED = "import pytest\n\n{marker}\n@pytest.mark.skip(reason='a bad day')\ndef test_it():\n    pass\n"


def run(folder: Path, content: str, ci: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "test_one.py").write_text(content)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = platform_specific\nasyncio_mode = auto\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(folder)]
    environment = {**os.environ, "CI": ci}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_skip_fails_in_ci_and_says_why(tmp_path):
    outcome = run(tmp_path, SKIPPED.format(marker=""), ci="true")
    assert outcome.returncode == 1
    assert "in CI nothing may be skipped: a bad day" in " ".join(outcome.stdout.split()).replace(
        "Skipped: ", ""
    )


@pytest.mark.parametrize(("marker", "ci"), [("", ""), ("@pytest.mark.platform_specific", "true")])
def test_a_skip_passes_elsewhere_and_where_the_platform_is_the_reason(tmp_path, marker, ci):
    assert run(tmp_path, SKIPPED.format(marker=marker), ci).returncode == 0


def test_a_module_that_skips_itself_fails_in_ci(tmp_path):
    content = "import pytest\npytest.importorskip('no_such_module')\n"
    assert run(tmp_path, content, ci="true").returncode != 0
    assert run(tmp_path, content, ci="").returncode in {0, 5}
