"""Churn: who leaves, of which plan, why, and who is about to."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.models import units

from deploy.dashboards.alarms import CHURN_WINDOWS, churn_alarm, payments_alarm, plans_alarm, scheduled_alarm
from deploy.dashboards.bounds import churn_with_bounds
from deploy.dashboards.frame import Part, filled, frame, with_window
from deploy.dashboards.panels import GREEN, NO_SAMPLES, RED, bars, lines, steps
from deploy.dashboards.queries import BASES, WINDOW, Query, each, figure, total

SUBSCRIBERS = {"basis": "subscription", **WINDOW}
BALANCE = steps((None, RED), (1, GREEN))


def churn() -> Dashboard:
    """The dashboard."""
    empty = frame(
        "subpulse-churn",
        "subpulse: Churn",
        "Who leaves, of which plan, for which reason, and who is about to leave.",
    )
    alarms = [
        *(churn_alarm(15 + place, window) for place, window in enumerate(CHURN_WINDOWS)),
        plans_alarm(19),
        payments_alarm(18),
        scheduled_alarm(20),
    ]
    parts = [
        Row("Beside the alerts").id(400),
        *alarms,
        Row("How many").id(100),
        *_how_many(),
        Row("Who and why").id(200),
        *_who_and_why(),
    ]
    parts += [Row("About to leave").id(300), *_about_to_leave()]
    return filled(with_window(empty), parts)


def _how_many() -> list[Part]:
    return [
        churn_with_bounds(1, "Churn of subscribers in $window", "subscription"),
        churn_with_bounds(2, "Churn of buyers in $window", "orders"),
        lines(
            3,
            "Churn as Stripe counts it, in $window",
            "(Churned + transient) / (at start + new + transient): those who came and went inside the window "
            "count, too.",
            [Query(figure("churn_ratio_stripe", {"basis": basis, **WINDOW}), basis) for basis in BASES],
            units.PercentUnit,
        ),
        lines(
            4,
            "Replacement in $window",
            "(New + reactivated) / churned. Below the line at 1 the base shrinks.",
            [Query(figure("net_replacement_ratio", {"basis": basis, **WINDOW}), basis) for basis in BASES],
            units.NoUnit,
            thresholds=BALANCE,
            no_value="no value: nobody left",
        ),
        lines(
            5,
            "Subscribers won and lost in $window",
            "Customers new, reactivated and churned in the window, all plans: equal gains and losses hide "
            "churn in the total.",
            [
                Query(total(f"customers_{kind}", ("plan",), SUBSCRIBERS), kind)
                for kind in ("new", "reactivated", "churned")
            ],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
        ),
        lines(
            6,
            "Subscribers at the end of $window",
            "Customers who pay at the end of the window, by plan.",
            [each("customers_at_end", "plan", SUBSCRIBERS)],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
    ]


def _who_and_why() -> list[Part]:
    churned, at_start = (
        figure(f"customers_{kind}", SUBSCRIBERS, ("plan",)) for kind in ("churned", "at_start")
    )
    reasons = "customers_churned_by_reason"
    return [
        lines(
            7,
            "Churn by plan in $window",
            "Churned / at start, by the plan that the customer had at the start; plans without a customer at "
            "the start have no value.",
            [Query(f"{churned} / ({at_start} > 0)", "{{plan}}")],
            units.PercentUnit,
            no_value="no value: nobody at the start",
        ),
        bars(
            8,
            "Churned by plan in $window",
            "Customers who no longer pay, by the plan that they had at the start of the window.",
            Query(f"sort_desc({churned})", "{{plan}}"),
            units.LocaleFormat,
            no_value=NO_SAMPLES,
        ),
        bars(
            9,
            "Churned by reason in $window",
            "Customers who no longer pay, by the reason of their last end; reasons nobody gave are left out.",
            Query(f"sort_desc({figure(reasons, WINDOW, ('reason', 'class'))})", "{{reason}} ({{class}})"),
            units.LocaleFormat,
            no_value="nobody left",
        ),
        lines(
            10,
            "Churned by class in $window",
            "Voluntary: they decided to. Involuntary: payment failed or was disputed.",
            [Query(total(reasons, ("reason",), WINDOW, ("class",)), "{{class}}")],
            units.LocaleFormat,
            no_value="nobody left",
            stacked=True,
        ),
    ]


def _about_to_leave() -> list[Part]:
    past_due, active = (
        total("subscriptions", ("plan",), {"status": status}) for status in ("past_due", "active")
    )
    return [
        lines(
            11,
            "Scheduled to cancel, by plan",
            "Live subscriptions whose end is scheduled, by plan: churn before it is booked.",
            [each("subscriptions_scheduled_to_cancel", "plan")],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
        lines(
            12,
            "Payments that failed in $window",
            "Transitions from active to past due, by plan. A step here is an outage of the payment provider, "
            "weeks before dunning ends in churn.",
            [each("payment_failures", "plan", WINDOW)],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
        ),
        lines(
            13,
            "Share of subscriptions past due",
            "Past due / (past due + active), all plans.",
            [Query(f"{past_due} / ({past_due} + {active})", "past due")],
            units.PercentUnit,
        ),
        lines(
            14,
            "Subscriptions by status",
            "Live subscriptions, all plans, free ones too.",
            [Query(total("subscriptions", ("plan",), by=("status",)), "{{status}}")],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
    ]
