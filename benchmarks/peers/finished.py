"""The rounds of a variant that were run before, and what they hang on."""

from benchmarks.kept import Kept
from benchmarks.peers.engines import JOBS, Variant
from benchmarks.peers.java import HERE
from benchmarks.peers.running import Round
from keeping import ROOT

_HARNESS = (
    "benchmarks/application.py",
    "benchmarks/load.py",
    "benchmarks/measured.py",
    "benchmarks/peers/engines.py",
    "benchmarks/peers/running.py",
    "service/embedded/kafka.lock",
)
_PYTHON = (str(JOBS.relative_to(ROOT)), "requirements-peers.txt")
_JAVA = (str(HERE.relative_to(ROOT)), "benchmarks/peers/java.py")
_OURS = ("benchmarks/peers/restricted.py", "benchmarks/bare.py", "service", "schemas", "requirements.txt")
_CODE = {
    "aiokafka": ("benchmarks/floor.py", "requirements.txt"),
    "subpulse": _OURS,
    "kafka-streams": _JAVA,
    "flink": _JAVA,
    "quix": _PYTHON,
    "bytewax": _PYTHON,
    "faust": _PYTHON,
}


def rounds(kept: Kept, variant: Variant) -> list[Round]:
    """What is known of it."""
    return [Round(*one) for one in kept.of(variant.key, code(variant))]


def code(variant: Variant) -> tuple[str, ...]:
    """The harness, for all, and the engine's own."""
    return (*_HARNESS, *_CODE[variant.engine])
