"""What channels cost and bring, and customers who bring others: the lower end of the value dashboard."""

from typing import Final

from grafana_foundation_sdk.builders import bargauge
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models import units

from deploy.dashboards.frame import Part
from deploy.dashboards.panels import AMBER, GREEN, RED, bars, lines, steps
from deploy.dashboards.queries import MONEY, MONEY_IN_WINDOW, WINDOW, Query, each, figure, ranked

LONG_WINDOWS: Final = "no value: nobody came by it, or nothing was spent; or choose 30d, 90d, 365d or last_…"
WORTH: Final = ((None, RED), (1, AMBER), (3, GREEN))


def channels() -> list[Part]:
    """Money in, customers out."""
    return [
        lines(
            22,
            "Spend in $window, $currency",
            "What was spent on each channel. Figures by channel are there for 30d, 90d, 365d and calendar "
            "windows.",
            [each("marketing_spend", "channel", MONEY_IN_WINDOW)],
            units.LocaleFormat,
            no_value=LONG_WINDOWS,
            stacked=True,
        ),
        lines(
            23,
            "Customers acquired in $window",
            "Customers whose first order or first payment lies in the window, by channel.",
            [each("customers_acquired", "channel", WINDOW)],
            units.LocaleFormat,
            no_value=LONG_WINDOWS,
            stacked=True,
        ),
        _by_channel(
            24,
            "CAC",
            "Spend in the window / customers acquired in it.",
            "acquisition_cost",
            units.LocaleFormat,
        ),
        _by_channel(
            25,
            "LTV : CAC",
            "Realized LTV of the channel's customers x margin / CAC. Below 1 a channel costs more than it "
            "has brought so far; 3 is a common aim.",
            "ltv_to_cac_ratio",
            units.NoUnit,
            steps(*WORTH),
        ),
        _by_channel(
            26,
            "Payback in months",
            "CAC / (MRR of a paying customer of the channel x margin).",
            "payback_months",
            units.NoUnit,
        ),
        bars(
            27,
            "Retention by channel in $window",
            "Of the subscribers of each channel at the start of the window, the share that pays at its end.",
            ranked("retention_ratio_by_channel", "channel", {"basis": "subscription", **WINDOW}),
            units.PercentUnit,
            no_value="no value: nobody at the start; or choose 30d, 90d, 365d or last_…",
            size=(6, 8),
        ),
    ]


def _by_channel(
    number: int,
    title: str,
    meaning: str,
    metric: str,
    unit: str,
    thresholds: ThresholdsConfig | None = None,
) -> bargauge.Panel:
    query = ranked(metric, "channel", MONEY_IN_WINDOW)
    title = f"{title} in $window, $currency"
    return bars(
        number, title, meaning, query, unit, thresholds=thresholds, no_value=LONG_WINDOWS, size=(6, 8)
    )


def referral() -> list[Part]:
    """Who was brought by another customer."""
    return [
        lines(
            28,
            "Invitations and referred customers in $window",
            "Invitations sent; customers whom somebody referred and who first ordered or paid in the window.",
            [
                Query(figure("invitations", WINDOW), "invitations"),
                Query(figure("customers_referred", WINDOW), "referred customers"),
            ],
            units.LocaleFormat,
            size=(8, 8),
        ),
        lines(
            29,
            "Viral coefficient in $window",
            "Referred customers who came in the window / customers who were there before it.",
            [Query(figure("viral_coefficient", WINDOW), "viral coefficient")],
            units.NoUnit,
            size=(8, 8),
        ),
        bars(
            30,
            "Realized LTV by referral, $currency",
            "Lifetime net revenue / customers with an order: those whom somebody referred (yes), the others "
            "(no).",
            each("realized_ltv_mean_by_referral", "referred", MONEY),
            units.LocaleFormat,
            size=(8, 8),
        ),
    ]
