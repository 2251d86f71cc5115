"""Where a worker's CPU goes: stacks that a sampling profiler has seen, by stage."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

WAITING: Final = re.compile(r"^(\w+\.select \(selectors|_worker \(concurrent/futures)")
"""Who stands here waits: the profiler takes a thread that has just been woken for one that works."""

STAGES: Final[Mapping[str, str]] = {
    "checkpoint": r"service/stream/(checkpoint|store)|aiokafka/producer|Checkpoint",
    "exposition": r"service/exposition|aiohttp/|prometheus_client/",
    "refresh": r"service/figures|service/domain/(facts|metrics|prediction)",
    "decode": r"\((schemas)/",
    "judge": r"service/stream/judging",
    "apply": r"service/domain/records",
    "take in": r"service/stream/(intake|engine|telemetry)",
    "fetch": r"aiokafka/|mode/threads|service/stream/(consumer|lean|transport)|faust/transport",
    "loop and Faust": r"",
}
"""Stage -> what a frame of it looks like. The first one counts that any frame of a stack belongs to: what a
checkpoint does with records is the checkpoint's."""

_FRAMES: Final = {stage: re.compile(pattern) for stage, pattern in STAGES.items()}


def stage_of(stack: str) -> str | None:
    """The stage of a stack (frames from the root on, parted by semicolons); None if it waits."""
    if WAITING.search(stack.rpartition(";")[2]):
        return None
    return next(stage for stage, pattern in _FRAMES.items() if pattern.search(stack))


def shares(lines: Iterable[str]) -> dict[str, float]:
    """Of each stage its share of what was at work, from lines as `py-spy record --format raw` writes them."""
    seen: Counter[str] = Counter()
    for line in lines:
        stack, _, times = line.rpartition(" ")
        if stack and (stage := stage_of(stack)) is not None:
            seen[stage] += int(times)
    whole = seen.total() or 1
    return {stage: seen[stage] / whole for stage in STAGES}
