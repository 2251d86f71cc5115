"""Retention now: one screen for the founder."""

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models import units

from deploy.dashboards.bounds import churn_with_bounds
from deploy.dashboards.channels import LONG_WINDOWS, WORTH
from deploy.dashboards.frame import Part, filled, frame, with_currency, with_window
from deploy.dashboards.panels import AMBER, GREEN, RED, money, share, sign, single, steps
from deploy.dashboards.queries import MONEY, MONEY_IN_WINDOW, WINDOW, Query, figure, total
from deploy.dashboards.waterfall import waterfall
from deploy.dashboards.windows_table import windows_table

SUBSCRIBERS = {"basis": "subscription", **WINDOW}
BUYERS = {"basis": "orders", **WINDOW}


def retention_now() -> Dashboard:
    """24 columns and 25 rows: nothing to scroll."""
    empty = frame(
        "subpulse-retention-now",
        "subpulse: Retention now",
        "Who stays, who leaves and what that means in money. The window applies to all but the tables.",
    )
    return filled(
        with_currency(with_window(empty)),
        [*_headline(), *_by_window(), *_in_money(), *_values()],
    )


def _headline() -> list[Part]:
    nobody = "no value: nobody at the start"
    return [
        share(
            1,
            "Retention of subscribers",
            "Of those who paid at the start of the window, the share that pays at its end.",
            figure("retention_ratio", SUBSCRIBERS),
            nobody,
        ),
        share(
            2,
            "Churn of subscribers",
            "Of those who paid at the start of the window, the share that no longer pays at its end.",
            figure("churn_ratio", SUBSCRIBERS),
            nobody,
        ),
        single(
            3,
            "Replacement of subscribers",
            "(New + reactivated) / churned. Below 1 the base shrinks; a balance of zero hides churn.",
            Query(figure("net_replacement_ratio", SUBSCRIBERS), "replacement"),
            units.NoUnit,
            decimals=2,
            thresholds=steps((None, RED), (1, GREEN)),
            no_value="no value: nobody left",
        ),
        share(
            4,
            "Retention of buyers",
            "Of those who bought in the period before, the share that bought in this one, too.",
            figure("retention_ratio", BUYERS),
            nobody,
        ),
        money(
            5,
            "Average order value",
            "Gross revenue / orders of the window.",
            figure("average_order_value", MONEY_IN_WINDOW),
        ),
        sign(
            6,
            "Age of the data",
            "How long ago the partition that is furthest behind was computed. Seconds, when all is well.",
            Query(f"time() - {figure('oldest_summary_timestamp_seconds')}", "age"),
            units.Seconds,
            thresholds=steps((None, GREEN), (60, AMBER), (300, RED)),
        ),
    ]


def _by_window() -> list[Part]:
    bounds = "At least, at most: the 95 % Wilson interval of churn."
    return [
        windows_table(
            7,
            "Subscribers by window",
            f"Basis subscription: who pays. {bounds} "
            "History: whether the business is old enough for the window and the period before it.",
            "subscription",
        ),
        windows_table(
            8,
            "Buyers by window",
            f"Basis orders: who bought in the period before, and buys again in this one. {bounds}",
            "orders",
        ),
    ]


def _in_money() -> list[Part]:
    return [
        waterfall(
            9,
            "MRR in $window, $currency",
            "Monthly recurring revenue at the start of the window, what was won and lost, and what it is at "
            "the end. Start + new + reactivation + expansion - contraction - churn = end, exactly.",
        ),
        churn_with_bounds(10, "Churn of subscribers in $window", "subscription"),
    ]


def _values() -> list[Part]:
    """The last line: recurring revenue, lifetime values, and what customers cost."""
    return [
        money(11, "MRR now", "Monthly recurring revenue of all who pay.", total("mrr", ("plan",), MONEY), 3),
        share(
            12,
            "Net revenue retention",
            "MRR at the end of the window of those who had some at its start / theirs at the start.",
            figure("net_revenue_retention_ratio", MONEY_IN_WINDOW),
            width=3,
        ),
        single(
            13,
            "Quick ratio",
            "MRR won / MRR lost in the window.",
            Query(figure("quick_ratio", MONEY_IN_WINDOW), "quick ratio"),
            units.NoUnit,
            decimals=2,
            thresholds=steps((None, RED), (1, GREEN)),
            no_value="no value: nothing lost",
            width=3,
        ),
        money(
            14,
            "Realized LTV",
            "Lifetime net revenue so far / customers with an order.",
            figure("realized_ltv_mean", MONEY),
            3,
        ),
        money(15, "Formula LTV", "MRR per paying customer / monthly churn.", figure("formula_ltv", MONEY), 3),
        money(
            16,
            "Lecture LTV",
            "Average order value x purchase frequency x expected years, over 365 days.",
            figure("lecture_ltv", MONEY),
            3,
        ),
        single(
            17,
            "Lowest LTV : CAC",
            "Realized LTV of a channel's customers x margin / CAC of the window, where it is lowest. The "
            "dashboard Value has all channels.",
            Query(f"min ({figure('ltv_to_cac_ratio', MONEY_IN_WINDOW, ('channel',))})", "LTV : CAC"),
            units.NoUnit,
            decimals=2,
            thresholds=steps(*WORTH),
            no_value=LONG_WINDOWS,
            width=3,
        ),
        single(
            18,
            "Longest payback",
            "Months until a subscriber's MRR x margin has paid back the CAC of the window, of the channel "
            "where that takes longest.",
            Query(f"max ({figure('payback_months', MONEY_IN_WINDOW, ('channel',))})", "months"),
            units.NoUnit,
            decimals=1,
            no_value=LONG_WINDOWS,
            width=3,
        ),
    ]
