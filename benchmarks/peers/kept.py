"""Finished rounds on disk, a line each; those of other code, events or another machine do not count."""

import hashlib
import json
import platform
from collections.abc import Iterable
from pathlib import Path

import psutil

from benchmarks.peers.engines import JOBS, ROOT, Variant
from benchmarks.peers.java import HERE
from benchmarks.peers.running import Round

# What a round hangs on, by engine; the harness for all.
_HARNESS = ("benchmarks/peers/running.py", "benchmarks/peers/engines.py", "benchmarks/load.py")
_PYTHON = (str(JOBS.relative_to(ROOT)), "requirements-peers.txt")
_JAVA = (str(HERE.relative_to(ROOT)),)
_CODE = {
    "aiokafka": ("benchmarks/floor.py", "requirements.txt"),
    "subpulse": ("benchmarks/peers/restricted.py", "service", "schemas", "requirements.txt"),
    "kafka-streams": _JAVA,
    "flink": _JAVA,
    "quix": _PYTHON,
    "bytewax": _PYTHON,
    "faust": _PYTHON,
}
_SUFFIXES = (".py", ".java", ".xml", ".txt")


class Kept:
    """The rounds in a file, and those to come. `asked`: how many events, and whatever else they hang on."""

    def __init__(self, file: Path, asked: Iterable[object]) -> None:
        self._file, self._asked = file, [machine(), *map(str, asked)]
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        self._found: dict[tuple[str, str], list[Round]] = {}
        for line in map(json.loads, lines):
            self._found.setdefault((line["mark"], line["key"]), []).append(Round(*line["round"]))

    def of(self, variant: Variant) -> list[Round]:
        """What is known of it."""
        return self._found.get((self._mark(variant), variant.key), [])

    def add(self, variant: Variant, found: Round) -> None:
        """Keep one more, now."""
        mark = self._mark(variant)
        self._found.setdefault((mark, variant.key), []).append(found)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"mark": mark, "key": variant.key, "round": found}) + "\n")

    def _mark(self, variant: Variant) -> str:
        code = [text for name in (*_HARNESS, *_CODE[variant.engine]) for text in _sources(ROOT / name)]
        return hashlib.sha256(b"\0".join([*map(str.encode, self._asked), *code])).hexdigest()[:16]


def machine() -> str:
    """This machine in a line."""
    try:
        told = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        told = []
    names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    memory = psutil.virtual_memory().total / 2**30
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}"


def _sources(path: Path) -> list[bytes]:
    inside = sorted(one for one in path.rglob("*") if one.suffix in _SUFFIXES) if path.is_dir() else [path]
    return [file.read_bytes() for file in inside]
