"""The business as its reader sees it: events up to an instant, then up to a later one; a knob for churn."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Self

from schemas.instants import DAY, HOUR
from service.simulation import arrivals, beginnings, changes, founding, marketing
from service.simulation.lapse import Lapse
from service.simulation.scenarios.model import Change, Scenario
from service.simulation.world import MAX_CHURN, Event, World


class Business:
    """A subscription business that goes on for ever; `opened` makes one.

    With a `lapse` it runs faster than the wall's clock from the lapse's knee on. Equal arguments, and equal
    turns of the knob between equal calls of `until`, give equal events.
    """

    def __init__(self, world: World, lapse: Lapse) -> None:
        self._world, self._lapse = world, lapse

    @classmethod
    def opened(
        cls, seed: int, start: int, days: int = 730, customers: int = 5_000, lapse: Lapse | None = None
    ) -> Self:
        """Open one at `start` (microseconds since the epoch), from nothing.

        About `customers` sign up by themselves in its first `days`; referrals come on top, and the inflow
        grows on.
        """
        lapse = lapse or Lapse()
        world = World(seed, start, lapse, arrivals.sign_up, beginnings.begin)
        _let_people_in(world, arrivals.Inflow.of(customers, start, days))
        return cls(world, lapse)

    def until(self, wall: int) -> Iterator[Event]:
        """Yield what happens up to and including `wall`, as JSON objects on the contract.

        They come in order of `occurred_at`, but for those that a scenario withholds for a while. The next
        call goes on where this iterator was left.
        """
        return self._world.run(self._lapse.in_business(wall))

    @property
    def churn(self) -> float:
        """How many times more people than usual decide to leave; 1.0 is usual, from 0 to 25."""
        return self._world.conditions.churn

    @churn.setter
    def churn(self, times: float) -> None:
        if not 0 <= times <= MAX_CHURN:
            raise ValueError(f"Churn is {times} times the usual: it must lie between 0 and {MAX_CHURN:g}.")
        self._world.conditions.churn = times


class Established(Business):
    """A business that has its full size at `day_zero`, after `BEFORE` days of history, in a scenario."""

    def __init__(
        self, seed: int, day_zero: int, scenario: Scenario | None = None, lapse: Lapse | None = None
    ) -> None:
        scenario, lapse = scenario or Scenario(summary="-"), lapse or Lapse()
        start, self._concern = day_zero - founding.BEFORE * DAY, scenario.business
        world = World(seed, start, lapse, arrivals.sign_up, beginnings.begin)
        world.leaving = founding.leaving(self._concern)
        founding.await_founders(world, self._concern)
        self._inflow = founding.inflow(self._concern, start)
        _let_people_in(world, self._inflow)
        super().__init__(world, lapse)
        self.befall(scenario.changes, day_zero)

    def befall(self, changes_: Iterable[Change], day_zero: int) -> None:
        """Let changes befall it; their days count from `day_zero`, and none begins in the past."""
        changes.schedule(self._world, day_zero, self._concern, self._inflow, changes_)

    def copy(self) -> Self:
        """Return another one with the same past, whose future is its own."""
        return deepcopy(self)


def _let_people_in(world: World, inflow: arrivals.Inflow) -> None:
    arrivals.await_arrival(world, inflow)
    world.after((7 * HOUR - world.now) % DAY, marketing.spend, inflow)


def business(seed: int, start: int, days: int, customers: int = 5_000) -> Iterator[Event]:
    """Yield `days` days of a business that opens at `start` (microseconds since the epoch), in real time."""
    return Business.opened(seed, start, days, customers).until(start + days * DAY)
