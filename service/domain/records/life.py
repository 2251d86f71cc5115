"""What the fold says of a customer's subscriptions: stretches, partings, trials, failed payments."""

from typing import NamedTuple

TRIALING, ACTIVE, PAST_DUE, PAUSED = 0, 1, 2, 3
STATUSES = ("trialing", "active", "past_due", "paused")


class Stretch(NamedTuple):
    """A time in which nothing about a live subscription changes: after `start` up to and including `end`,
    counted in boundaries. Its annual value is `annual / interval_count` minor units."""

    start: int
    end: int
    status: int
    plan: str
    currency: str
    annual: int
    interval_count: int
    scheduled: bool

    @property
    def paying(self) -> bool:
        """Whether the subscription is paying (definitions, section 3)."""
        return self.annual > 0 and self.status in (ACTIVE, PAST_DUE)


class Parting(NamedTuple):
    """A subscription's end, or (`ended` false) a stop of its payments while it lives on."""

    at: int
    reason: str
    ended: bool


class Trial(NamedTuple):
    """A trial that is over: when it ended, and since when it counts as converted."""

    ended_at: int
    converted_at: int


class Mention(NamedTuple):
    """A plan, a currency, or both together, seen first at this instant; an absent one is empty."""

    plan: str
    currency: str
    at: int


class Life(NamedTuple):
    """All that a customer's transitions say, ordered so that the first stretch alive gives the plan."""

    stretches: list[Stretch]
    partings: list[Parting]
    trials: list[Trial]
    failures: list[tuple[int, str]]
    mentions: list[Mention]
    first_plan: tuple[int, str] | None
