"""What the simulated business sells, where its customers come from and why they leave: its numbers, as data.

Amounts are minor units (cents). Shares and rates were chosen so that a founder would recognise the
business: monthly churn of some 3 %, half of the trials converting, good and bad channels.
"""

from dataclasses import dataclass
from typing import Self


class Constant:
    """Never changes, so a copy of a business shares it, and it can be told by its identity."""

    __slots__ = ()

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself."""
        return self


@dataclass(frozen=True, slots=True)
class Plan(Constant):
    """A plan: `price` of a seat for a period of `months`; `leaving`: the share that decides to go a month."""

    name: str
    price: int
    interval: str
    months: int
    leaving: float


FREE = Plan("free", 0, "month", 1, 0.05)
QUARTERLY = Plan("quarterly", 4_500, "quarter", 3, 0.035)
ANNUAL = Plan("annual", 14_900, "year", 12, 0.018)
COMPANY = Plan("company", 1_900, "month", 1, 0.015)
PLANS = (QUARTERLY, ANNUAL, COMPANY)
"""Those that cost something."""


@dataclass(frozen=True, slots=True)
class Channel(Constant):
    """A source of customers: `share` of sign-ups, `cost` of one, `quality` (stays, buys; 1 = mean)."""

    name: str
    share: float
    cost: int
    quality: float


CHANNELS = (
    Channel("organic", 0.32, 0, 1.05),
    Channel("search", 0.27, 3_800, 0.95),
    Channel("social", 0.22, 2_100, 0.65),
    Channel("podcast", 0.11, 4_400, 1.20),
    Channel("partner", 0.08, 5_200, 1.35),
)
REFERRAL = Channel("referral", 0.0, 0, 1.30)

CURRENCIES = (("EUR", 0.8), ("USD", 0.2))

REASONS = (
    ("unused", 0.27),
    ("price", 0.25),
    ("product", 0.16),
    ("competitor", 0.11),
    ("requested", 0.09),
    ("service", 0.06),
    ("other", 0.06),
)
"""Why people leave of their own will, and how often each is given."""

SHELF = (
    ("notebook", 1_490),
    ("poster", 1_990),
    ("course-basics", 4_900),
    ("sticker-set", 590),
    ("mug", 1_690),
    ("course-advanced", 9_900),
    ("workbook", 2_490),
    ("hoodie", 5_490),
    ("coaching-hour", 12_000),
    ("template-pack", 1_900),
    ("conference-ticket", 34_900),
    ("gift-card", 5_000),
)
"""One-off goods, the best-selling first: sku and price."""
