"""The business as its reader sees it: events up to an instant, then up to a later one; a knob for churn."""

from collections.abc import Iterator

from schemas.instants import DAY, HOUR
from service.simulation import arrivals, beginnings, marketing
from service.simulation.lapse import Lapse
from service.simulation.world import MAX_CHURN, Event, World


class Business:
    """A subscription business that opens at `start` (microseconds since the epoch) and goes on for ever.

    About `customers` sign up by themselves in its first `days`; referrals come on top, and the inflow grows
    on. With a `lapse` the business runs faster than the wall's clock from the lapse's knee on. Equal
    arguments, and equal turns of the knob between equal calls of `until`, give equal events.
    """

    def __init__(
        self, seed: int, start: int, days: int = 730, customers: int = 5_000, lapse: Lapse | None = None
    ) -> None:
        self._lapse = lapse or Lapse()
        self._world = World(seed, start, self._lapse, arrivals.sign_up, beginnings.begin)
        inflow = arrivals.Inflow.of(customers, start, days)
        arrivals.await_arrival(self._world, inflow)
        self._world.after((7 * HOUR - start) % DAY, marketing.spend, inflow)

    def until(self, wall: int) -> Iterator[Event]:
        """Yield what happens up to and including `wall`, as JSON objects on the contract.

        They come in order of `occurred_at`. The next call goes on where this iterator was left.
        """
        return self._world.run(self._lapse.in_business(wall))

    @property
    def churn(self) -> float:
        """How many times more people than usual decide to leave; 1.0 is usual, from 0 to 25."""
        return self._world.churn

    @churn.setter
    def churn(self, times: float) -> None:
        if not 0 <= times <= MAX_CHURN:
            raise ValueError(f"Churn is {times} times the usual: it must lie between 0 and {MAX_CHURN:g}.")
        self._world.churn = times


def business(seed: int, start: int, days: int, customers: int = 5_000) -> Iterator[Event]:
    """Yield `days` days of a business that opens at `start` (microseconds since the epoch), in real time."""
    return Business(seed, start, days, customers).until(start + days * DAY)
