"""The demo's table says what the reading says, and where the reading has no value it says that."""

import io

from rich.console import Console

from service.demo.reading import Reading
from service.demo.screen import Story, screen, tables

AS_OF = 1_790_000_000


def _row(name, value, **labels):
    return {"name": f"subpulse_{name}", "labels": labels, "value": value}


def _reading(**state):
    rows = [
        _row("churn_ratio", 1 / 3, basis="subscription", window="30d"),
        _row("churn_ratio_lower", 0.061, basis="subscription", window="30d"),
        _row("churn_ratio_upper", 0.792, basis="subscription", window="30d"),
        _row("churn_ratio", None, basis="orders", window="30d"),
        _row("customers_churned", 7, basis="subscription", window="30d", plan="annual"),
        _row("customers_churned", 13, basis="subscription", window="30d", plan="quarterly"),
        _row("customers_churned", 99, basis="orders", window="30d", plan="-"),
        _row(
            "customers_churned_by_reason",
            5,
            window="30d",
            reason="payment_failed",
            **{"class": "involuntary"},
        ),
        _row("customers_churned_by_reason", 8, window="30d", reason="price", **{"class": "voluntary"}),
        _row("mrr", 12_000.5, plan="annual", currency="GBP"),
        _row("mrr", 300, plan="annual", currency="SEK"),
        _row("mrr_movement", 450.4, window="30d", currency="GBP", kind="churn"),
        _row("average_order_value", 5_000, window="30d", currency="GBP"),
        _row("average_order_value", 4_000, window="30d", currency="SEK"),
        _row("subscriptions", 1_300, plan="annual", status="active"),
        _row("subscriptions", 30, plan="free", status="active"),
        _row("subscriptions", 12, plan="annual", status="past_due"),
        _row("subscriptions_scheduled_to_cancel", 20, plan="annual"),
        _row("subscriptions_scheduled_to_cancel", 4, plan="quarterly"),
        _row("realized_ltv_mean", 123.456, currency="GBP"),
        _row("as_of_timestamp_seconds", AS_OF),
        _row("view_complete", state.get("complete", 1)),
        _row("partitions_covered_ratio", state.get("covered", 1.0)),
    ]
    return Reading.of(rows)


def _printed(what, width=120, height=60):
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(what(console))
    return console.file.getvalue()


def _line(text, name):
    return next(line for line in text.splitlines() if line.strip().startswith(name))


def test_a_figure_stands_in_the_column_of_its_window():
    text = _printed(lambda console: tables(_reading(), console, True))
    headings = _line(text, "24h")
    assert _line(text, "churn").index("33.3 %") + len("33.3 %") == headings.index("30d") + len("30d")


def test_counts_are_summed_over_plans_within_their_basis_only():
    text = _printed(lambda console: tables(_reading(), console, True))
    assert "20" in _line(text, "churned").split()
    assert "5" in _line(text, "by failed payment").split()


def test_bounds_are_shown_as_per_cent():
    text = _printed(lambda console: tables(_reading(), console, True))
    assert "6.1–79.2" in _line(text, "95 % bounds")


def test_a_ratio_without_a_denominator_has_no_value_in_the_table():
    text = _printed(lambda console: tables(_reading(), console, True))
    buyers = text[text.index("Buyers") :]
    assert set(_line(buyers, "churn").split()) == {"churn", "–"}


def test_money_is_that_of_the_currency_with_the_greatest_mrr():
    text = _printed(lambda console: tables(_reading(), console, True))
    assert "5,000.00" in _line(text, "average order value, GBP")
    assert "4,000.00" not in text
    assert "-450" in text


def test_what_is_about_to_be_cancelled_is_told_beside_the_subscriptions_by_status():
    text = _printed(lambda console: tables(_reading(), console, True))
    assert "1,330 active, 12 past due; scheduled to cancel: 24" in text


def test_the_headline_says_when_the_view_is_not_complete():
    assert ", complete" in _printed(lambda console: tables(_reading(), console, True))
    text = _printed(lambda console: tables(_reading(complete=0, covered=0.5), console, True))
    assert "still reading" in text
    assert "50% of the partitions" in text


def test_a_small_terminal_gets_fewer_lines_and_columns_than_a_large_one():
    story = Story(("http://127.0.0.1:8000",), 1, 10)
    large = _printed(lambda console: screen(_reading(), console, story), 120, 60)
    small = _printed(lambda console: screen(_reading(), console, story), 80, 30)
    assert max(map(len, small.splitlines())) <= 80
    assert len(small.splitlines()) <= 30 < len(large.splitlines())
    assert "last quarter" in large
    assert "last quarter" not in small


def test_a_spike_and_both_addresses_are_on_the_screen():
    story = Story(("http://127.0.0.1:8000", "http://127.0.0.1:8001"), 1, 10, spiking=True, keys=True)
    text = _printed(lambda console: screen(_reading(), console, story))
    assert "CHURN SPIKE: 10 times" in text
    assert "http://127.0.0.1:8001/metrics" in text
    assert "[c]" in text


def test_a_small_terminal_shows_keys_spike_and_addresses_and_the_table_gives_way():
    story = Story(("http://127.0.0.1:8000", "http://127.0.0.1:8001"), 1, 10, spiking=True, keys=True)
    for width, height in ((80, 24), (80, 32), (200, 20), (80, 10)):
        text = _printed(lambda console: screen(_reading(), console, story), width, height)
        assert len(text.splitlines()) <= height
        assert all(
            told in text
            for told in ("CHURN SPIKE", "[c]", "http://127.0.0.1:8000/metrics", "http://127.0.0.1:8001/api")
        )
        assert "33.3 %" in text or height < 20
        assert ("LTV realized" in text) == (height == 32)


def test_figures_from_before_the_last_history_event_are_not_the_first_full_figures():
    assert _reading().is_complete_since(AS_OF - 1)
    assert not _reading().is_complete_since(AS_OF)
    assert not _reading(complete=0).is_complete_since(AS_OF - 1)
