"""How a storm is going, for whoever watches, and how it went."""

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.endurance.ground import Ground
from tests.endurance.plan import Plan
from tests.endurance.schedule import Fault
from tests.endurance.verifier import Verdict


@dataclass
class Course:
    """Written by the storm, read by screen and report."""

    plan: Plan
    phase: str = "making up events"
    began: float = field(default_factory=time.monotonic)
    total: int = 0  # events to send
    applied: int = 0  # source records committed by the workers
    ground: Ground | None = None
    going_on: dict[Fault, float] = field(default_factory=dict)  # faults that are not mended yet, since when
    faults: Counter[str] = field(default_factory=Counter)  # by kind, of those that struck
    idle: Counter[str] = field(default_factory=Counter)  # by kind, of those that found nobody to strike at
    told: list[str] = field(default_factory=list)  # one line per fault that is over
    endings: Counter[str] = field(default_factory=Counter)  # of workers
    rows: tuple[int, int] = (0, 0)  # of the changelog: still there, ever written (markers included)
    verdict: Verdict | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the storm began."""
        return time.monotonic() - self.began

    @property
    def exact(self) -> bool:
        """Whether there is a verdict, and nothing at all was wrong."""
        return self.verdict is not None and not self.verdict.wrong
