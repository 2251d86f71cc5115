"""The rounds of a variant that were run before: kept only so that a run which was stopped goes on."""

from benchmarks.kept import Kept
from benchmarks.peers.engines import Variant
from benchmarks.peers.running import Round

CODE = (
    "benchmarks/application.py",
    "benchmarks/bare.py",
    "benchmarks/floor.py",
    "benchmarks/load.py",
    "benchmarks/measured.py",
    "benchmarks/peers/engines.py",
    "benchmarks/peers/java",
    "benchmarks/peers/java.py",
    "benchmarks/peers/jobs",
    "benchmarks/peers/restricted.py",
    "benchmarks/peers/running.py",
    "service",
    "service/embedded/kafka.lock",
    "schemas",
    "requirements.txt",
    "requirements-build.txt",
    "requirements-peers.txt",
)
"""What every round hangs on, whatever the engine: they are compared because they alternate in one run, so a
change in the code of one makes the rounds of all outdated."""


def rounds(kept: Kept, variant: Variant) -> list[Round]:
    """What is known of it."""
    return [Round(*one) for one in kept.of(variant.key, CODE)]
