"""`subpulse schemas`, run as a person would."""

import subprocess
import sys
from pathlib import Path

from schemas.documents import EXPORTED


def schemas(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service.cli", "schemas", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_export_writes_the_documents_of_the_repository_anywhere(tmp_path: Path) -> None:
    assert schemas("export", "--directory", str(tmp_path / "new")).returncode == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert written == {path.name: path.read_bytes() for path in EXPORTED.iterdir()}


def test_check_is_silent_about_what_agrees_and_names_what_does_not(tmp_path: Path) -> None:
    schemas("export", "-d", str(tmp_path))
    assert schemas("check", "-d", str(tmp_path)).returncode == 0
    (tmp_path / "orders.schema.json").write_text("{}")
    (tmp_path / "asyncapi.json").unlink()
    (tmp_path / "returns.schema.json").write_text("{}")
    found = schemas("check", "-d", str(tmp_path))
    assert found.returncode == 1
    assert "asyncapi.json, orders.schema.json, returns.schema.json" in found.stderr
    assert "subpulse schemas export" in found.stderr
    assert "Traceback" not in found.stderr
