"""A scenario as data: the size of a business, and what befalls it on which day."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Plan = Literal["quarterly", "annual", "company"]
Channel = Literal["organic", "search", "social", "podcast", "partner"]
Reason = Literal["unused", "price", "product", "competitor", "requested", "service", "other"]

Share = Annotated[float, Field(gt=0, le=1)]
Times = Annotated[float, Field(ge=1, le=50)]
Day = Annotated[float, Field(ge=0, le=3_650)]
Days = Annotated[float, Field(gt=0, le=3_650)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Concern(_Part):
    """A business that is up and running on day 0.

    About `paying` customers pay then, of whom about `monthly_churn` leave a month; sign-ups grow by
    exp(growth) a year.
    """

    paying: Annotated[int, Field(ge=10, le=200_000)] = 5_000
    monthly_churn: Annotated[float, Field(ge=0.015, le=0.2)] = 0.03
    growth: Annotated[float, Field(ge=-2, le=3)] = 0.0


class _Change(_Part):
    """What begins on `from_day` and lasts for `days`."""

    from_day: Day = 30
    days: Days = 3_650


class Leaving(_Change):
    """More paying customers leave: `times` as many a day as usual; of one `plan` only, if given.

    They go at once, or with `notice`: then they announce it, and go when their period ends.
    """

    kind: Literal["leaving"]
    times: Times
    reason: Reason = "price"
    plan: Plan | None = None
    notice: bool = False


class Payments(_Change):
    """Charges of renewals, and further attempts at them, fail: this share on top of the usual."""

    kind: Literal["payments"]
    failing: Share


class Refunds(_Change):
    """Orders are refunded within two days: this share of the new ones on top of the usual."""

    kind: Literal["refunds"]
    share: Share


class BadChannel(_Change):
    """A channel brings `times` its usual sign-ups and is paid for them; the additional ones are of little
    `quality` (1 is the usual mean)."""

    kind: Literal["channel"]
    channel: Channel
    times: Times
    quality: Annotated[float, Field(ge=0.05, le=2)] = 0.3


class Newcomers(_Change):
    """More customers begin to pay, at once and without a trial: as many more as would leave more if `times`
    the usual churn did. With `stay_days` they leave again after about so many days."""

    kind: Literal["newcomers"]
    times: Times
    channel: Annotated[str, Field(min_length=1, max_length=128)] = "launch"
    stay_days: Days | None = None


class Stall(_Change):
    """Events happen, and arrive all together when it is over."""

    kind: Literal["stall"]
    days: Annotated[float, Field(gt=0, le=60)] = 1


Change = Annotated[Leaving | Payments | Refunds | BadChannel | Newcomers | Stall, Field(discriminator="kind")]


class Scenario(_Part):
    """A business and what befalls it.

    `summary`: what happens, in one line; `watch`: which figures show it. `strength` has a `unit` in words and
    some values worth trying (`strengths`); it is already written into the changes.
    """

    summary: Annotated[str, Field(min_length=1)]
    watch: str = ""
    unit: str = ""
    strength: Annotated[float, Field(gt=0)] = 1.0
    strengths: tuple[Annotated[float, Field(gt=0)], ...] = ()
    business: Concern = Concern()
    changes: tuple[Change, ...] = ()

    @property
    def from_day(self) -> float | None:
        """The day on which the first change begins; None if nothing ever happens."""
        return min((change.from_day for change in self.changes), default=None)

    def beginning(self, day: float) -> "Scenario":
        """The same with its first change on `day`, and the others as long after it as they were."""
        shift = day - (self.from_day or 0)
        moved = [change.model_copy(update={"from_day": change.from_day + shift}) for change in self.changes]
        return self.model_copy(update={"changes": tuple(moved)})
