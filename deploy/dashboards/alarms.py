"""Figures beside the thresholds of the alerts that watch them, computed by the rules in deploy/prometheus."""

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import units

from deploy.dashboards.panels import GREEN, GREY, NO_SAMPLES, RED, lines, option, steps
from deploy.dashboards.queries import Query, figure, recorded, total

CHURN_WINDOWS: Final = {"24h": "24 hours", "72h": "72 hours", "7d": "7 days"}
_USUAL, _ALERT = "usual", "alert from here on"
_DASHES: Final = option("custom.lineStyle", {"fill": "dash", "dash": [8, 8]})


def churn_alarm(number: int, window: str) -> timeseries.Panel:
    """Churn of a window that SubpulseChurnSpike watches."""
    ratio, where = "scope:subpulse_churn_ratio", {"plan": "", "window": window}
    return _alarm(
        number,
        f"Churn in {CHURN_WINDOWS[window]}",
        "Churn of subscribers beside what is usual and the threshold of SubpulseChurnSpike: more than chance "
        "explains, and more than 1.5 times the usual. Absent while the business is too young to know.",
        Query(figure("churn_ratio", {"basis": "subscription", "window": window}), "churn"),
        ratio,
        units.PercentUnit,
        where=where,
        width=8,
    )


def plans_alarm(number: int) -> timeseries.Panel:
    """How near each plan is to what SubpulsePlanChurnSpike waits for, in the window that is nearest."""
    by = ("plan", "window")
    churned, threshold = (
        recorded(f"scope:subpulse_customers_churned:{what}", by=by) for what in ("last5m", "threshold")
    )
    return lines(
        number,
        "Churn of each plan, as a share of what alerts",
        "Customers churned / the threshold of SubpulsePlanChurnSpike, of each plan: the highest of 24 hours, "
        "72 hours and 7 days. From the line at 100 % on it is more than chance explains, and more than 1.5 "
        "times the usual. Absent while the business is too young to know.",
        [Query(f"max by (plan) ({churned} / {threshold})", "{{plan}}")],
        units.PercentUnit,
        thresholds=steps((None, GREEN), (1, RED)),
        no_value=NO_SAMPLES,
    )


def payments_alarm(number: int) -> timeseries.Panel:
    """Failed payments that SubpulsePaymentOutage watches."""
    failures = "business:subpulse_payment_failures"
    return _alarm(
        number,
        "Payments that failed in 24 hours",
        "Failed payments of all plans beside what is usual and the threshold of SubpulsePaymentOutage. An "
        "outage of the provider shows here within hours, weeks before dunning ends in churn.",
        Query(total("payment_failures", ("plan",), {"window": "24h"}), "failed"),
        failures,
        units.LocaleFormat,
    )


def scheduled_alarm(number: int) -> timeseries.Panel:
    """Scheduled cancellations that SubpulseScheduledCancellationsRising watches."""
    scheduled = "business:subpulse_subscriptions_scheduled_to_cancel"
    return _alarm(
        number,
        "Scheduled to cancel",
        "Live subscriptions whose end is scheduled, all plans, beside what is usual and the threshold of "
        "SubpulseScheduledCancellationsRising: churn before it is booked; who is meant can still be kept.",
        Query(total("subscriptions_scheduled_to_cancel", ("plan",)), "scheduled"),
        scheduled,
        units.LocaleFormat,
        usual="usual",
    )


def trials_alarm(number: int) -> timeseries.Panel:
    """Trials that became paid, which SubpulseTrialConversionDrop watches."""
    ratio = "business:subpulse_trial_conversion_ratio"
    return _alarm(
        number,
        "Trials that became paid, in 30 days",
        "Trials that became paid / trials that ended, beside that of the 60 days before and the threshold of "
        "SubpulseTrialConversionDrop: below it a channel brings people who do not stay.",
        Query(figure("trial_conversion_ratio", {"window": "30d"}), "converted"),
        ratio,
        units.PercentUnit,
        usual="usual",
        width=8,
    )


def _alarm(
    number: int,
    title: str,
    meaning: str,
    watched: Query,
    record: str,
    unit: str,
    *,
    usual: str = "expected",
    where: Mapping[str, str] | None = None,
    width: int = 12,
) -> timeseries.Panel:
    """What an alert watches, beside what is usual and the threshold, which rules record under `record`."""
    queries = [
        watched,
        Query(recorded(f"{record}:{usual}", where), _USUAL),
        Query(recorded(f"{record}:threshold", where), _ALERT),
    ]
    panel = lines(number, title, meaning, queries, unit, no_value=NO_SAMPLES, size=(width, 8))
    for legend, color in ((_USUAL, GREY), (_ALERT, RED)):
        drawn = [_DASHES, option("color", {"mode": "fixed", "fixedColor": color})]
        panel = panel.override_by_name(legend, drawn)
    return panel
