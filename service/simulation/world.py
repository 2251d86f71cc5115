"""The diary, the dice and the voice that all parts of a simulated business share.

Everything that will happen is an entry in one diary (a heap ordered by instant); opening the next entry may
write further ones. So history and live mode are one process, cut wherever the reader stops.
"""

import heapq
from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

from schemas.instants import format_instant
from service.simulation.conditions import Conditions
from service.simulation.lapse import Lapse

if TYPE_CHECKING:
    from service.simulation.subscription import Subscription

Event = dict[str, Any]
Step = Callable[..., object]

MAX_CHURN = 25.0
"""The ceiling of the churn knob: how often people are asked, at most, whether they leave."""


class World:
    """State of one simulated business that belongs to no single customer.

    `conditions` may be turned at any time; `now` is the instant of the entry being opened, in microseconds
    of business time. `leaving` multiplies the rates of leaving of paid plans. `subscriptions` are all that
    have begun, also those that ended, until somebody removes them. `sign_up` and `begin` are the ways in: a
    life may open them for a friend, or for itself once more, without knowing their files.
    """

    def __init__(self, seed: int, start: int, lapse: Lapse, sign_up: Step, begin: Step) -> None:
        self.seed = seed
        self.dice = Random(seed)
        self.conditions = Conditions(Random(f"{seed} conditions"))
        self.leaving = 1.0
        self.subscriptions: list[Subscription] = []
        self.now = start
        self.sign_up = sign_up
        self.begin = begin
        self._lapse = lapse
        self._diary: list[tuple[int, int, Step, tuple[Any, ...]]] = []
        self._entries = count()
        self._ids: dict[str, Iterator[int]] = {}
        self._told: list[Event] = []
        self._withheld: list[Event] | None = None

    def at(self, instant: int, step: Step, *details: Any) -> None:
        """Write into the diary that `step(world, *details)` happens at `instant` (now or later)."""
        heapq.heappush(self._diary, (instant, next(self._entries), step, details))

    def after(self, span: float, step: Step, *details: Any) -> None:
        """Write into the diary that `step(world, *details)` happens `span` microseconds from now."""
        self.at(self.now + int(span), step, *details)

    def new_id(self, letter: str) -> str:
        """Return the next identifier of a kind, such as `c1`, `c2`, … for customers."""
        numbers = self._ids.get(letter)
        if numbers is None:
            numbers = self._ids[letter] = count(1)
        return f"{letter}{next(numbers)}"

    def tell(self, kind: str, **fields: Any) -> None:
        """Say that an event of type `kind` happens now; `fields` are those of the contract."""
        on_its_way = self._told if self._withheld is None else self._withheld
        on_its_way.append(
            {"type": kind, "event_id": self.new_id("e"), "occurred_at": self.text(self.now), **fields}
        )

    def withhold(self) -> None:
        """From now on events happen and are not heard of, until `deliver`."""
        self._withheld = self._withheld or []

    def deliver(self) -> None:
        """Let go what was withheld, in the order in which it happened; from now on all is told at once."""
        self._told += self._withheld or ()
        self._withheld = None

    def text(self, instant: int) -> str:
        """Return an instant of business time as the contract writes it, on the clock on the reader's wall."""
        return format_instant(self._lapse.on_the_wall(instant))

    def run(self, until: int) -> Iterator[Event]:
        """Open all entries up to and including `until` (business time) and yield what they tell, in order.

        The order is that of `occurred_at`, except for what was withheld.
        """
        diary = self._diary
        while diary and diary[0][0] <= until:
            self.now, _, step, details = heapq.heappop(diary)
            step(self, *details)
            if self._told:
                told, self._told = self._told, []
                yield from told
