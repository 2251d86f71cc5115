"""All that decides what a storm does."""

from dataclasses import dataclass, replace

from tests.endurance.events import Load, load
from tests.endurance.kinds import KINDS_OF_A_CLUSTER
from tests.endurance.schedule import FAR_APART, Fault, last, schedule
from tests.endurance.workforce import COMMAND

MINUTE = 60.0
LONGEST = 5.0  # minutes of one storm; a longer one is several
SHARE_OF_FIRST = 0.8  # of the time, for the first part of the load


@dataclass(frozen=True)
class Plan:
    """The same plan means the same events and the same faults."""

    seed: int
    minutes: float
    rate: int = 300  # events a second
    brokers: int = 1
    partitions: int = 4
    history_days: int = 0  # of the daily history that workers keep; 0: none
    command: tuple[str, ...] = COMMAND  # of a worker

    @property
    def seconds(self) -> float:
        """How long faults come."""
        return self.minutes * MINUTE

    @property
    def session(self) -> float:
        """Seconds of the group's session timeout: longer where a broker's place has to be taken too."""
        return 6.0 if self.brokers == 1 else 15.0

    @property
    def faults(self) -> list[Fault]:
        """The schedule."""
        if self.brokers == 1:
            return schedule(self.seed, self.seconds)
        return schedule(self.seed, self.seconds, tuple(KINDS_OF_A_CLUSTER), FAR_APART)

    @property
    def last(self) -> Fault:
        """What comes once, beside them."""
        return last(self.seed, self.seconds)

    @property
    def load(self) -> Load:
        """What is sent."""
        return load(self.seed, int(self.rate * self.seconds * SHARE_OF_FIRST))

    def parts(self) -> list["Plan"]:
        """Storms of at most five minutes, each with a seed of its own, so that one can be had again alone."""
        found, left = [], self.minutes
        while left > 0:
            found.append(replace(self, seed=self.seed + len(found), minutes=min(left, LONGEST)))
            left -= LONGEST
        return found
