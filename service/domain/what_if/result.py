"""What comes of a change: numbers, and beside them what they assume."""

from dataclasses import dataclass

from service.domain.what_if.question import Question

EVERYWHERE = (
    "Profit is revenue times the setting `margin`; fixed costs, and what it costs to bring the change about, "
    "are not in it.",
    "The two bases are two views of one business: where renewals are orders too, their revenue is the same "
    "money, so never add them.",
    "Customers who come are as many as before, whatever changes.",
    "Retention stays between 0 and 100 % a year: points beyond that change nothing.",
)
OF_ORDERS = (
    "Customers of the next 12 months: those of the last 365 days times retention over `365d`, and as many "
    "new and reactivated ones as in the last 365 days.",
    "Each brings the net revenue (gross less refunded) of a customer of the last 365 days.",
    "A change of order value leaves the number of orders and the share refunded as they are.",
    "A minimum order raises every order below it to it; `break_even` says which share of those orders could "
    "be lost instead before it costs revenue.",
)
OF_SUBSCRIPTIONS = (
    "Every month as many stay as over `90d` on average, whatever their plan and tenure; expansion and "
    "contraction cancel out.",
    "Every month as many customers and as much MRR come (new and reactivated) as over `90d` on average.",
    "Revenue is the MRR of each of the next 12 months, beginning with the present one.",
    "A change of price holds at once for all who have the plan and for the same share of those who come; "
    "nobody leaves or stays away because of it. `break_even` says which share of the plan could before it "
    "costs revenue.",
)


@dataclass(frozen=True)
class Change:
    """A number at the present course and with the change; None where there is too little past to go by."""

    present_course: float | None
    what_if: float | None


@dataclass(frozen=True)
class Money:
    """Revenue and profit of the next 12 months in one currency, major units."""

    currency: str
    revenue: Change
    profit: Change


@dataclass(frozen=True)
class Course:
    """One basis: customers now and in 12 months, and their money on the way."""

    basis: str
    customers_now: int
    yearly_retention: Change
    customers: Change
    money: tuple[Money, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class MinimumOrder:
    """What a minimum order meets: the orders of the last 365 days that lie below it."""

    currency: str
    orders: int
    orders_below: int
    average_order_value: Change
    break_even: float | None  # share of the orders below that may be lost


@dataclass(frozen=True)
class PriceChange:
    """What a price change meets."""

    plan: str
    currency: str
    mrr: Change
    break_even: float | None  # share of the plan's MRR that may be lost; None for a lower price


@dataclass(frozen=True)
class Answer:
    """Both bases, what the change meets, and what holds for all of it."""

    question: Question
    courses: tuple[Course, ...]
    minimum_order: MinimumOrder | None
    price_changes: tuple[PriceChange, ...]
    assumptions: tuple[str, ...]
