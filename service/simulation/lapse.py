"""Time-lapse: how business time is laid upon the clock on the wall.

A business of some thousand customers has an event every few minutes: too slow to watch. From an instant
(the `knee`) on, `pace` seconds of business pass in one second. Before it the two clocks are the same, so
that history keeps its dates; what history says about days after the knee (a renewal, the end of a trial) is
moved together with them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lapse:
    """Both clocks in microseconds since the Unix epoch; a pace of 1 is real time."""

    knee: int = 0
    pace: int = 1

    def __post_init__(self) -> None:
        if self.pace < 1:
            raise ValueError(f"The pace of a time-lapse is {self.pace}: it must be 1 (real time) or more.")

    def on_the_wall(self, business: int) -> int:
        """Return the wall's instant for one of the business."""
        return business if business <= self.knee else self.knee + (business - self.knee) // self.pace

    def in_business(self, wall: int) -> int:
        """Return the business's instant for one on the wall."""
        return wall if wall <= self.knee else self.knee + (wall - self.knee) * self.pace
