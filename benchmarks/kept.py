"""Finished rounds on disk; those of other code, events or another machine do not count."""

import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.machine import loop, machine
from keeping.lines import Lines, mark_of, texts

SUFFIXES = (".py", ".pyx", ".java", ".xml", ".txt")


class Kept:
    """The rounds in a file, and those to come. `asked`: how many events, and whatever else they hang on."""

    def __init__(self, file: Path, asked: Iterable[object]) -> None:
        self._lines = Lines(file, "round")
        self._asked = [machine(), loop(), platform.python_version(), *map(str, asked)]

    def of(self, key: str, code: Iterable[str]) -> list[Any]:
        """The rounds of this key. `code`: files and folders, from the root on, that they hang on."""
        return self._lines.of(self._mark(code), key)

    def add(self, key: str, code: Iterable[str], found: Any) -> None:
        """Keep one more, now."""
        self._lines.add(self._mark(code), key, found)

    def _mark(self, code: Iterable[str]) -> str:
        return mark_of([*map(str.encode, self._asked), *texts(code, SUFFIXES)])
