"""Lifetime value, so far and to come: the upper half of the value dashboard."""

from grafana_foundation_sdk.builders import bargauge
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.dashboards.frame import Part
from deploy.dashboards.panels import GREEN, GREY, NO_SAMPLES, bars, lines, money, now, share, steps
from deploy.dashboards.queries import MONEY, Query, each, figure, ranked


def lifetime() -> list[Part]:
    """What customers have been worth, and how unevenly."""
    return [
        money(
            1,
            "Realized LTV",
            "Lifetime net revenue so far / customers with an order.",
            figure("realized_ltv_mean", MONEY),
        ),
        money(2, "Formula LTV", "MRR per paying customer / monthly churn.", figure("formula_ltv", MONEY)),
        money(
            3,
            "Lecture LTV",
            "Average order value x purchase frequency x expected years, over 365 days.",
            figure("lecture_ltv", MONEY),
        ),
        share(
            4,
            "Revenue of the top 20 %",
            "Share of lifetime net revenue that comes from the top fifth of the customers.",
            figure("pareto_revenue_share", MONEY),
        ),
        share(
            5,
            "Customers who make 80 %",
            "The smallest share of customers that makes 80 % of lifetime net revenue.",
            figure("pareto_customer_share", MONEY),
        ),
        share(
            6,
            "Repeat customers",
            "Customers with 2 or more orders in their life / with 1 or more, all currencies.",
            figure("repeat_customers_ratio"),
        ),
        _distribution(),
        bars(
            8,
            "Realized LTV by channel, $currency",
            "Lifetime net revenue / customers with an order, by the channel that brought them.",
            ranked("realized_ltv_mean_by_channel", "channel", MONEY),
            units.LocaleFormat,
            size=(6, 8),
        ),
        bars(
            9,
            "Realized LTV by first plan, $currency",
            "Lifetime net revenue / customers with an order, by the plan that they began with.",
            ranked("realized_ltv_mean_by_plan", "plan", MONEY),
            units.LocaleFormat,
            size=(6, 8),
        ),
    ]


def segments() -> list[Part]:
    """How many customers there are of which kind, and what the best of them buy."""
    return [
        bars(
            21,
            "Customers by segment",
            "By how lately and how often they ordered in the last 365 days, each in fifths of all customers: "
            "champions do both, lost have not ordered for a year.",
            each("customers_in_segment", "segment"),
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            size=(8, 8),
        ),
        bars(
            31,
            "Leads in one, lags in another, $currency",
            "Customers in the best fifth by how often they ordered and in the lower two fifths by what they "
            "brought, and the other way round: many small orders, or few large ones.",
            Query(
                figure("customers_leading_and_lagging", MONEY, ("leads_in", "lags_in")),
                "leads in {{leads_in}}, lags in {{lags_in}}",
            ),
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            size=(8, 8),
        ),
        bars(
            36,
            "Magnet products",
            "Share of the best fifth of the customers, by lifetime net revenue, who bought a product / share "
            "of the worst fifth who did. Above 1 it draws high spenders.",
            ranked("magnet_lift", "sku"),
            units.NoUnit,
            thresholds=steps((None, GREY), (1, GREEN)),
            no_value="no value: magnet_skus is not set, or no product has 30 buyers",
            size=(8, 8),
        ),
    ]


def predicted() -> list[Part]:
    """What customers are expected to bring, by models fitted to what they have done."""
    return [
        lines(
            19,
            "Predicted revenue of a customer, $currency",
            "Revenue expected in the next 365 days, mean: of customers with an order (orders: BG/NBD x "
            "Gamma-Gamma), of those who pay now (subscription: sBG x MRR). Absent while there is too little "
            "to fit to.",
            [each("predicted_ltv_mean", "basis", MONEY)],
            units.LocaleFormat,
            no_value="no prediction: too few customers bought again or left",
        ),
        lines(
            20,
            "Predicted purchases of a customer, $currency",
            "Days with an order expected in the next 365 days, mean over customers with an order.",
            [Query(figure("predicted_purchases_mean", MONEY), "purchases")],
            units.NoUnit,
            no_value="no prediction: too few customers bought again",
        ),
    ]


def _distribution() -> bargauge.Panel:
    """Grafana takes the cumulative buckets apart where the format is heatmap."""
    buckets = each("realized_ltv_bucket", "le", MONEY)
    panel = bars(
        7,
        "Customers by lifetime net revenue, $currency",
        "How many customers have brought up to so much (and more than the bound before), so far.",
        buckets,
        units.LocaleFormat,
        no_value=NO_SAMPLES,
    )
    return panel.targets([now("A", buckets, PromQueryFormat.HEATMAP)])
