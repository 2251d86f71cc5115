"""Value: what customers are worth, and where the revenue comes from."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.models import units

from deploy.dashboards.alarms import trials_alarm
from deploy.dashboards.channels import channels, referral
from deploy.dashboards.cohorts import cohorts
from deploy.dashboards.frame import Part, filled, frame, with_currency, with_window
from deploy.dashboards.lifetime import lifetime, predicted, segments
from deploy.dashboards.panels import NO_SAMPLES, lines
from deploy.dashboards.queries import MONEY, MONEY_IN_WINDOW, WINDOW, Query, each, figure, total


def value() -> Dashboard:
    """The dashboard."""
    empty = frame(
        "subpulse-value",
        "subpulse: Value",
        "What customers are worth, how unevenly that is spread, and where the revenue comes from.",
    )
    parts = [Row("Lifetime value").id(100), *lifetime(), *segments()]
    parts += [Row("Cohorts").id(800), *cohorts()]
    parts += [Row("The next 365 days").id(500), *predicted()]
    parts += [Row("Orders").id(200), *_orders(), Row("Recurring revenue").id(300), *_recurring()]
    parts += [Row("Beginnings").id(400), *_beginnings(), Row("Channels").id(600), *channels()]
    parts += [Row("Referral").id(700), *referral()]
    return filled(with_currency(with_window(empty)), parts)


def _orders() -> list[Part]:
    return [
        lines(
            10,
            "Gross revenue in $window, $currency",
            "Orders of the window, of customers who had ordered before it (existing) and of others (new).",
            [each("gross_revenue", "customer", MONEY_IN_WINDOW)],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
        lines(
            11,
            "Orders in $window, $currency",
            "Orders with an amount above 0, not cancelled, of existing and of new customers.",
            [each("orders", "customer", MONEY_IN_WINDOW)],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
        lines(
            12,
            "Average order value in $window, $currency",
            "Gross revenue / orders.",
            [Query(figure("average_order_value", MONEY_IN_WINDOW), "average order value")],
            units.LocaleFormat,
            size=(8, 8),
        ),
        lines(
            13,
            "Purchase frequency in $window, $currency",
            "Orders / customers who ordered in the window.",
            [Query(figure("purchase_frequency", MONEY_IN_WINDOW), "orders per customer")],
            units.NoUnit,
            size=(8, 8),
        ),
        lines(
            14,
            "Money back in $window, $currency",
            "Refunds / gross revenue, by their own dates; and the share of orders refunded within the "
            "guarantee, of those whose guarantee ended in the window.",
            [
                Query(
                    f"{figure('refunded_revenue', MONEY_IN_WINDOW)} / "
                    f"({total('gross_revenue', ('customer',), MONEY_IN_WINDOW)} > 0)",
                    "refunded revenue",
                ),
                Query(figure("guarantee_refund_ratio", MONEY_IN_WINDOW), "orders under guarantee"),
            ],
            units.PercentUnit,
            size=(8, 8),
        ),
    ]


def _recurring() -> list[Part]:
    return [
        lines(
            15,
            "MRR by plan, $currency",
            "Monthly recurring revenue of all who pay.",
            [each("mrr", "plan", MONEY)],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
        lines(
            16,
            "Revenue retention in $window, $currency",
            "MRR at the end of the window of those who had some at its start / theirs at the start: with "
            "expansion (net) and without (gross).",
            [
                Query(figure(f"{kind}_revenue_retention_ratio", MONEY_IN_WINDOW), kind)
                for kind in ("net", "gross")
            ],
            units.PercentUnit,
        ),
    ]


def _beginnings() -> list[Part]:
    return [
        lines(
            17,
            "Sign-ups in $window",
            "Customers whose first sign-up lies in the window, and those of them who have ever paid.",
            [
                Query(figure("signups", WINDOW), "signed up"),
                Query(figure("signups_paying", WINDOW), "have paid"),
            ],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            size=(8, 8),
        ),
        lines(
            18,
            "Conversion in $window",
            "Trials that became paid / trials that ended; sign-ups who have paid / sign-ups.",
            [
                Query(figure("trial_conversion_ratio", WINDOW), "trials"),
                Query(figure("free_to_paid_ratio", WINDOW), "sign-ups"),
            ],
            units.PercentUnit,
            size=(8, 8),
        ),
        trials_alarm(35),
    ]
