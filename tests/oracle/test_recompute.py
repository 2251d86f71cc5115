"""The oracle against examples worked out by hand: both bases, orders, revenue, value."""

from fractions import Fraction

import pytest

from tests.oracle.telling import Told, cancelled, event, money, placed, refunded, started, sub

COMPANIES = [
    placed("a", "2025-04-20", "6000 EUR", "2"),
    placed("b", "2025-05-20", "6000 EUR", "3"),
    placed("c", "2025-06-20", "6000 EUR", "4"),
    placed("d", "2025-07-01", "5000 EUR", "1"),
    placed("e", "2025-08-20", "5000 EUR", "2"),
    placed("f", "2025-09-20", "5000 EUR", "3"),
    placed("g", "2025-09-30T23:59:59.999999Z", "5000 EUR", "5"),
]


@pytest.mark.parametrize("as_of", ["2025-10-01", "2025-11-11", "2025-12-31T23:59:59.999999Z"])
def test_the_golden_example_holds_at_any_as_of_in_the_fourth_quarter(as_of: str) -> None:
    told = Told(COMPANIES, as_of)
    labels = {"basis": "orders", "window": "last_quarter"}
    assert told("customers_at_start", plan="-", **labels) == 3
    assert told("customers_at_end", plan="-", **labels) == 4
    assert told("customers_new", plan="-", **labels) == 2
    assert told("customers_retained", plan="-", **labels) == 2
    assert told("customers_churned", plan="-", **labels) == 1
    assert told("customers_reactivated", plan="-", **labels) == 0
    assert told("retention_ratio", **labels) == Fraction(2, 3)
    assert told("churn_ratio", **labels) == Fraction(1, 3)
    assert told("churn_ratio_stripe", **labels) == Fraction(1, 5)
    assert told("net_replacement_ratio", **labels) == 2
    assert told("average_order_value", window="last_quarter", currency="EUR") == 5000
    assert told("orders", window="last_quarter", currency="EUR", customer="existing") == 2
    assert told("orders", window="last_quarter", currency="EUR", customer="new") == 2
    assert told("gross_revenue", window="last_quarter", currency="EUR", customer="new") == 10_000
    assert told("existing_customer_revenue_ratio", window="last_quarter", currency="EUR") == Fraction(1, 2)
    assert told("purchase_frequency", window="last_quarter", currency="EUR") == 1


def test_the_bounds_of_churn_are_those_of_wilson() -> None:
    told = Told(COMPANIES, "2025-11-11")
    # Newcombe 1998: 1 of 3 gives 0.0615 to 0.7923.
    assert told("churn_ratio_lower", basis="orders", window="last_quarter") == pytest.approx(0.0615, abs=5e-5)
    assert told("churn_ratio_upper", basis="orders", window="last_quarter") == pytest.approx(0.7923, abs=5e-5)


def test_the_bounds_of_churn_touch_their_edges_exactly() -> None:
    told = Told([placed("a", "2025-04-20", "1 EUR")], "2025-10-01")
    assert told("churn_ratio_upper", basis="orders", window="last_quarter") == 1.0
    told = Told([placed("a", "2025-04-20", "1 EUR"), placed("b", "2025-07-20", "1 EUR")], "2025-10-01")
    assert told("churn_ratio_lower", basis="orders", window="last_quarter") == 0.0


def test_a_customer_who_skipped_the_previous_period_is_reactivated() -> None:
    told = Told([placed("a", "2025-01-20", "1 EUR"), placed("b", "2025-07-20", "1 EUR")], "2025-10-01")
    assert told.customers("reactivated", "last_quarter", "orders") == 1
    assert told.customers("new", "last_quarter", "orders") == 0
    assert told("window_covered", basis="orders", window="last_quarter") == 1


def test_a_cancellation_takes_its_order_out_on_the_day_it_was_placed() -> None:
    story = [placed("a", "2025-08-01", "10 EUR"), cancelled("a", "2025-10-15")]
    assert Told(story, "2025-10-10").customers("at_end", "last_quarter", "orders") == 1
    assert Told(story, "2025-10-20").customers("at_end", "last_quarter", "orders") == 0


def test_a_cancellation_may_come_before_its_order() -> None:
    told = Told([cancelled("a", "2025-08-01"), placed("a", "2025-08-02", "10 EUR")], "2025-10-10")
    assert told("orders", window="last_quarter", currency="EUR", customer="new") == 0
    assert told("repeat_customers_ratio") is None


def test_a_refund_never_removes_an_order_and_counts_on_its_own_date() -> None:
    told = Told([placed("a", "2025-08-01", "10 EUR"), refunded("a", "2025-10-02", "10 EUR")], "2025-10-10")
    assert told("orders", window="last_quarter", currency="EUR", customer="new") == 1
    assert told("refunded_revenue", window="last_quarter", currency="EUR") == 0
    assert told("refunded_revenue", window="30d", currency="EUR") == 10
    assert told("realized_ltv_mean", currency="EUR") == 0


def test_a_refund_of_a_cancelled_order_counts_nowhere() -> None:
    story = [placed("a", "2025-08-01", "10 EUR"), refunded("a", "2025-10-02", "4 EUR")]
    told = Told([*story, cancelled("a", "2025-10-03"), placed("b", "2025-08-01", "7 EUR")], "2025-10-10")
    assert told("refunded_revenue", window="30d", currency="EUR") == 0
    assert told("realized_ltv_mean", currency="EUR") == 7


def test_a_refund_of_an_unknown_order_counts_in_refunds_and_in_net_revenue_only() -> None:
    story = [placed("a", "2025-10-01", "10 EUR"), refunded("never", "2025-10-02", "4 EUR")]
    told = Told([*story, cancelled("never", "2025-10-03")], "2025-10-10")
    assert told("refunded_revenue", window="30d", currency="EUR") == 4
    assert told("realized_ltv_mean", currency="EUR") == 6
    assert told("guarantee_refund_ratio", window="30d", currency="EUR") is None


def test_free_orders_count_only_as_free_orders() -> None:
    told = Told([placed("a", "2025-10-01", "0 EUR")], "2025-10-10")
    assert told("free_orders", window="30d") == 1
    assert told("orders", window="30d", currency="EUR", customer="new") == 0
    assert told("average_order_value", window="30d", currency="EUR") is None
    assert told.customers("at_end", "30d", "orders") == 0


def test_the_same_order_placed_twice_is_the_earliest_then_the_largest_then_the_last_currency() -> None:
    twice = [placed("a", "2025-10-02", "9 EUR"), placed("a", "2025-10-01", "1 EUR")]
    assert Told(twice, "2025-10-10")("realized_ltv_mean", currency="EUR") == 1
    larger = [placed("a", "2025-10-01", "9 EUR"), placed("a", "2025-10-01", "1 EUR")]
    assert Told(larger, "2025-10-10")("realized_ltv_mean", currency="EUR") == 9
    other = [placed("a", "2025-10-01", "9 EUR"), placed("a", "2025-10-01", "9 USD")]
    assert Told(other, "2025-10-10").listed("realized_ltv_mean") == [{"currency": "USD"}]


def test_an_existing_customer_is_one_whose_first_order_in_any_currency_was_before_s() -> None:
    story = [placed("a", "2025-06-30T23:59:59.999999Z", "1 JPY"), placed("b", "2025-08-01", "10 EUR")]
    new = [placed("x", "2025-07-01", "30 EUR", "n")]
    told = Told(story + new, "2025-10-10")
    assert told("gross_revenue", window="last_quarter", currency="EUR", customer="existing") == 10
    assert told("gross_revenue", window="last_quarter", currency="EUR", customer="new") == 30
    assert told("existing_customer_revenue_ratio", window="last_quarter", currency="EUR") == Fraction(1, 4)


def test_the_guarantee_looks_at_orders_one_guarantee_before_the_window() -> None:
    in_time = [placed("a", "2025-09-20", "10 EUR"), refunded("a", "2025-10-04", "0 JPY")]
    late = [
        placed("b", "2025-09-20", "10 EUR", "d"),
        refunded("b", "2025-10-04T00:00:00.000001Z", "1 EUR", "d"),
    ]
    told = Told(in_time + late, "2025-10-10")
    assert told("guarantee_refund_ratio", window="7d", currency="EUR") == Fraction(1, 2)
    assert told("guarantee_refund_ratio", window="7d", currency="JPY") is None


def test_the_guarantee_of_a_rolling_window_includes_the_order_336_hours_ago() -> None:
    order = [placed("a", "2025-09-26", "10 EUR")]
    assert Told(order, "2025-10-10")("guarantee_refund_ratio", window="24h", currency="EUR") == 0
    before = Told(order, "2025-10-09T23:59:59.999999Z")
    assert before("guarantee_refund_ratio", window="24h", currency="EUR") is None


def test_rolling_hours_begin_just_after_and_end_with_as_of() -> None:
    story = [placed("a", "2025-10-09", "1 EUR"), placed("b", "2025-10-10", "1 EUR", "d")]
    told = Told(story, "2025-10-10")
    assert told("orders", window="24h", currency="EUR", customer="new") == 1
    assert told.customers("at_start", "24h", "orders") == 1


def test_realized_value_is_a_histogram_with_inclusive_bounds() -> None:
    story = [placed("a", "2025-10-01", "5 EUR"), placed("b", "2025-10-01", "5.01 EUR", "d")]
    loss = [placed("c", "2025-10-01", "1 EUR", "e"), refunded("c", "2025-10-02", "9 EUR", "e")]
    told = Told([*story, *loss], "2025-10-10")
    assert told("realized_ltv_bucket", currency="EUR", le="1.0") == 1
    assert told("realized_ltv_bucket", currency="EUR", le="5.0") == 2
    assert told("realized_ltv_bucket", currency="EUR", le="10.0") == 3
    assert told("realized_ltv_bucket", currency="EUR", le="+Inf") == 3
    assert told("realized_ltv_gcount", currency="EUR") == 3
    assert told("realized_ltv_gsum", currency="EUR") == Fraction("2.01")
    bounds = [labels["le"] for labels in told.listed("realized_ltv_bucket")]
    assert bounds[-4:] == ["1e+06", "2e+06", "5e+06", "+Inf"]
    assert len(bounds) == 22


def test_the_channel_is_that_of_the_earliest_sign_up_that_has_one() -> None:
    order = placed("a", "2025-01-01", "10 EUR", channel="order")
    signups = [
        event("customer.signed_up", "2025-02-01"),
        event("customer.signed_up", "2025-03-01", channel="zebra"),
        event("customer.signed_up", "2025-03-01", channel="ads"),
    ]
    assert Told([order, *signups], "2025-10-10").listed("realized_ltv_mean_by_channel") == [
        {"currency": "EUR", "channel": "ads"}
    ]
    assert Told([order, *signups[:1]], "2025-10-10").listed("realized_ltv_mean_by_channel") == [
        {"currency": "EUR", "channel": "order"}
    ]


def test_the_first_plan_is_that_of_the_earliest_start_trials_included() -> None:
    story = [
        placed("a", "2025-01-01", "10 EUR"),
        started("2025-03-01", plan="b", trial="2025-03-15"),
        started("2025-03-01", plan="a", subscription="t"),
        started("2025-04-01", plan="0", subscription="u"),
    ]
    assert Told(story, "2025-10-10")("realized_ltv_mean_by_plan", currency="EUR", plan="a") == 10


def test_pareto_shares_of_ten_customers() -> None:
    amounts = [40, 30, 9, 8, 5, 3, 2, 1, 1, 1]
    story = [placed("o", "2025-10-01", f"{a} EUR", f"c{n}") for n, a in enumerate(amounts)]
    told = Told(story, "2025-10-10")
    assert told("pareto_revenue_share", currency="EUR") == Fraction(70, 100)
    assert told("pareto_customer_share", currency="EUR") == Fraction(4, 10)  # 40 + 30 + 9 is short of 80


def test_pareto_shares_have_no_value_when_nothing_is_left() -> None:
    told = Told([placed("a", "2025-10-01", "1 EUR"), refunded("a", "2025-10-01", "1 EUR")], "2025-10-10")
    assert told("pareto_revenue_share", currency="EUR") is None
    assert told("pareto_customer_share", currency="EUR") is None


def test_lecture_value_is_aov_times_frequency_times_years() -> None:
    # Two customers last year, one of them this year: churn 1/2, so 2 years; AOV 15, frequency 2.
    story = [
        placed("a", "2024-01-01", "1 EUR", "1"),
        placed("b", "2024-01-01", "1 EUR", "2"),
        placed("c", "2025-01-01", "10 EUR", "1"),
        placed("d", "2025-02-01", "20 EUR", "1"),
    ]
    told = Told(story, "2025-10-10", windows=("7d",), margin=Fraction(1, 2))
    assert told("lecture_ltv", currency="EUR") == 15 * 2 * 2 / 2


def test_formula_value_is_mrr_per_payer_over_monthly_churn() -> None:
    # Eight customers 90 days ago, one gone: churn 1/8, monthly 1 - (7/8)^(1/3); 10 EUR a month each.
    story = [started("2025-01-01", customer=f"c{n}") for n in range(8)]
    told = Told([*story, sub("ended", "2025-09-01", customer="c0")], "2025-10-10")
    assert told("formula_ltv", currency="EUR") == pytest.approx(10 / (1 - (7 / 8) ** (1 / 3)), rel=1e-12)
    assert Told(story, "2025-10-10")("formula_ltv", currency="EUR") is None


def test_repeats_and_arrival_change_nothing() -> None:
    assert Told(COMPANIES[::-1] + COMPANIES, "2025-10-10").figures == Told(COMPANIES, "2025-10-10").figures


def test_what_happens_after_as_of_does_not_count() -> None:
    story = [*COMPANIES, placed("later", "2025-10-10T00:00:00.000001Z", "1 USD", "9", channel="new")]
    assert Told(story, "2025-10-10").figures == Told(COMPANIES, "2025-10-10").figures


def test_labels_beyond_the_limit_are_other() -> None:
    story = [
        started("2025-01-01", plan=plan, customer=f"{plan} {n}")
        for plan, size in {"big": 3, "b": 1, "a": 1, "c": 1}.items()
        for n in range(size)
    ]
    told = Told(story, "2025-10-10", label_limit=2)
    assert told("subscriptions", plan="a", status="active") == 1
    assert told("subscriptions", plan="other", status="active") == 2
    assert told("mrr", plan="other", currency="EUR") == 20


def test_currencies_beyond_the_limit_are_only_counted() -> None:
    story = [placed("a", "2025-10-01", "1 EUR"), placed("b", "2025-10-01", "1 JPY", "d")]
    told = Told([*story, placed("c", "2025-10-01", "1 EUR", "e")], "2025-10-10", currency_limit=1)
    assert told("orders", window="30d", currency="other", customer="new") == 1
    assert {labels["currency"] for labels in told.listed("gross_revenue")} == {"EUR"}


def test_free_to_paid_counts_the_earliest_sign_up() -> None:
    story = [
        event("customer.signed_up", "2025-09-02"),
        event("customer.signed_up", "2025-10-02"),
        event("customer.signed_up", "2025-09-03", "d"),
        started("2025-10-01"),
        started("2025-09-30T23:59:59.999999Z", customer="d"),
    ]
    told = Told(story, "2025-10-10")
    assert told("signups", window="last_month") == 2
    assert told("signups_paying", window="last_month") == 1
    assert told("free_to_paid_ratio", window="last_month") == Fraction(1, 2)
    assert told("signups", window="7d") == 0


def test_money_has_the_digits_of_its_currency() -> None:
    story = [placed("a", "2025-10-01", "1500 JPY"), placed("b", "2025-10-01", "1.234 KWD")]
    told = Told(story, "2025-10-10")
    assert money("1.234 KWD") == {"minor": 1234, "currency": "KWD"}
    assert told("realized_ltv_mean", currency="JPY") == 1500
    assert told("realized_ltv_mean", currency="KWD") == Fraction("1.234")
