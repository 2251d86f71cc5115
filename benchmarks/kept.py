"""Finished rounds on disk, a line each; those of other code, events or another machine do not count."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT, machine

_SUFFIXES = (".py", ".java", ".xml", ".txt")


class Kept:
    """The rounds in a file, and those to come. `asked`: how many events, and whatever else they hang on."""

    def __init__(self, file: Path, asked: Iterable[object]) -> None:
        self._file, self._asked = file, [machine(), *map(str, asked)]
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        self._found: dict[tuple[str, str], list[Any]] = {}
        for line in map(json.loads, lines):
            self._found.setdefault((line["mark"], line["key"]), []).append(line["round"])

    def of(self, key: str, code: Iterable[str]) -> list[Any]:
        """The rounds of this key. `code`: files and folders, from the root on, that they hang on."""
        return self._found.get((self._mark(code), key), [])

    def add(self, key: str, code: Iterable[str], found: Any) -> None:
        """Keep one more, now."""
        mark = self._mark(code)
        self._found.setdefault((mark, key), []).append(found)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"mark": mark, "key": key, "round": found}) + "\n")

    def _mark(self, code: Iterable[str]) -> str:
        texts = [text for name in code for text in _sources(ROOT / name)]
        return hashlib.sha256(b"\0".join([*map(str.encode, self._asked), *texts])).hexdigest()[:16]


def _sources(path: Path) -> list[bytes]:
    inside = sorted(one for one in path.rglob("*") if one.suffix in _SUFFIXES) if path.is_dir() else [path]
    return [file.read_bytes() for file in inside]
