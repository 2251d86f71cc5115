"""Finished results on disk, a line each, under a key and under a mark of all that they hang on."""

import hashlib
import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from keeping import ROOT


class Lines:
    """The results in a file, and those to come. `name`: of what a result is called in a line."""

    def __init__(self, file: Path, name: str) -> None:
        self._file, self._name = file, name
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        self._found: dict[tuple[str, str], list[Any]] = {}
        for line in map(json.loads, lines):
            self._found.setdefault((line["mark"], line["key"]), []).append(line[name])

    def of(self, mark: str, key: str) -> list[Any]:
        """All results of this key, as they came."""
        return self._found.get((mark, key), [])

    def add(self, mark: str, key: str, found: Any) -> None:
        """Keep one more, now."""
        self._found.setdefault((mark, key), []).append(found)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"mark": mark, "key": key, self._name: found}) + "\n")


def mark_of(parts: Iterable[bytes]) -> str:
    """Differs whenever one of the parts does."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def texts(names: Iterable[str], suffixes: Collection[str]) -> list[bytes]:
    """Of files, and of all files with these suffixes in folders; `names` are from the root on."""
    return [file.read_bytes() for name in names for file in _files(ROOT / name, suffixes)]


def _files(path: Path, suffixes: Collection[str]) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.suffix in suffixes) if path.is_dir() else [path]
