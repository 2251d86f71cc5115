"""What is done to workers, broker and network, and when: the same for the same seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.endurance.kinds import KINDS, LAST

FIRST, APART = 6.0, (4.0, 11.0)  # seconds to the first fault, and from one to the next
FAR_APART = (12.0, 24.0)  # where a broker needs time to be in step again
QUIET = 10.0  # seconds at the end without a new fault
LAST_AT = 0.7  # of the time: most events are sent, and many are to come
SLOTS = 4  # places for workers


@dataclass(frozen=True)
class Fault:
    """One strike. What its numbers mean is up to the kind; all come from the seed."""

    at: float  # seconds after the beginning
    kind: str
    slots: tuple[int, ...]  # workers' places in order of preference: the first that suits is struck
    length: float  # 0 to 1, of the kind's own range of seconds
    coin: bool


def schedule(
    seed: int, seconds: float, kinds: Sequence[str] = tuple(KINDS), apart: tuple[float, float] = APART
) -> list[Fault]:
    """Faults for so many seconds. Every kind comes once before any comes again."""
    rnd = random.Random(f"faults {seed}")
    found: list[Fault] = []
    bag: list[str] = []
    at = FIRST
    while at < seconds - QUIET:
        bag = bag or rnd.sample(list(kinds), len(kinds))
        slots = tuple(rnd.sample(range(SLOTS), SLOTS))
        found.append(Fault(round(at, 1), bag.pop(), slots, round(rnd.random(), 3), rnd.random() < 0.5))
        at += rnd.uniform(*apart)
    return found


def last(seed: int, seconds: float) -> Fault:
    """The fault that outlasts all others."""
    rnd = random.Random(f"last {seed}")
    slots = tuple(rnd.sample(range(SLOTS), SLOTS))
    return Fault(round(LAST_AT * seconds, 1), LAST, slots, round(rnd.random(), 3), False)
