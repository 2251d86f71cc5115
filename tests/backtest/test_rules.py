"""What alerts rest on is read off the rules themselves."""

import pytest

from backtest.rules import Rules


def rules(*groups):
    return Rules(tuple({"name": name, "rules": list(found)} for name, *found in groups))


ALERT = {"alert": "Spike", "expr": 'a:ratio{plan=""} > scalar(p:least)', "labels": {"severity": "critical"}}
RATIO = {"record": "a:ratio", "expr": 'a:churned / subpulse_at_start{window=~"24h|7d"}'}
CHURNED = {"record": "a:churned", "expr": 'last_over_time(subpulse_churned{window="30d"}[5m] offset 1d)'}
LEAST = {"record": "p:least", "expr": "vector(2)"}
OTHER = {"record": "a:other", "expr": "avg_over_time(subpulse_other[7d] offset 2h)"}
ALL = rules(("alerts", RATIO, ALERT), ("figures", CHURNED, OTHER), ("parameters", LEAST))


def test_an_alert_is_kept_with_all_that_it_rests_on_and_nothing_else():
    kept = ALL.behind({"Spike"})
    assert list(kept) == [RATIO, ALERT, CHURNED, LEAST]
    assert kept.metrics == {"subpulse_at_start", "subpulse_churned"}
    assert kept.windows == ("24h", "30d", "7d")


def test_how_far_rules_look_back_is_the_longest_range_after_the_longest_offset():
    assert ALL.reach == 7 * 86_400 + 2 * 3_600
    assert ALL.behind({"Spike"}).reach == 86_400 + 300


def test_names_in_texts_are_no_names():
    named = {"record": "x", "expr": 'label_replace(subpulse_a, "kind", "subpulse_b", "", "a:ratio")'}
    assert rules(("g", named)).metrics == {"subpulse_a"}


def test_groups_come_after_those_whose_records_they_read():
    order = ALL.order
    assert order.index("alerts") > order.index("figures")
    assert order.index("alerts") > order.index("parameters")


@pytest.mark.parametrize("alert", ["SubpulseChurnSpike", "SubpulsePaymentOutage", "SubpulseRefundWave"])
def test_the_shipped_alerts_rest_on_figures_of_the_service(alert):
    from service.domain.metrics import CATALOGUE
    from service.exposition.business import STATE

    behind = Rules.read().behind({alert})
    assert behind.alerts.keys() == {alert}
    assert behind.metrics
    assert behind.metrics <= {*CATALOGUE, *STATE}
    assert set(behind.order) == {group["name"] for group in behind.groups}
