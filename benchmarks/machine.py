"""What the figures were measured on."""

import platform
import re
from pathlib import Path

import psutil

from keeping import ROOT
from service.domain.records import COMPILED


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


def loop() -> str:
    """How the loop over new orders is installed here."""
    return "compiled loop" if COMPILED else "all in Python"


def broker() -> str:
    """The version of the embedded broker."""
    return pinned("service/embedded/kafka.lock", r"org\.apache\.kafka:kafka_[\d.]+:(\S+)")


def pinned(file: str, pattern: str) -> str:
    """The version that a file of ours pins; ValueError where it does not."""
    found = re.search(pattern, (ROOT / file).read_text("utf-8"), re.M)
    if not found:
        raise ValueError(f"{file} does not pin {pattern}")
    return found[1]
