"""What /metrics says, read back with Prometheus' own parsers."""

from collections.abc import Callable, Iterable

import pytest
from prometheus_client import Metric, openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as classic

from schemas.verdict import REASONS
from service.domain.metrics import CATALOGUE, Figure
from service.exposition import business, process
from service.exposition.encoding import encode
from service.stream.telemetry import Telemetry
from tests.exposition.showing import TOPICS, busy, real_view

OPEN = "application/openmetrics-text; version=1.0.0"
Parser = Callable[[str], Iterable[Metric]]
VIEW = real_view()


def read_back(families: Iterable[Metric], accept: str = "", parser: Parser = classic) -> dict[tuple, float]:
    body, _ = encode(families, accept)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parser(body.decode())
        for sample in family.samples
    }


def process_families(telemetry: Telemetry) -> list[Metric]:
    return list(process.families(telemetry, TOPICS, {0, 3}, ("1.2", "abc")))


@pytest.mark.parametrize(("accept", "parser"), [("", classic), (OPEN, open_metrics)], ids=["classic", "open"])
def test_every_figure_with_a_value_is_a_sample_and_nothing_else_is(accept: str, parser: Parser) -> None:
    expected = {
        (figure.name, tuple(sorted(figure.labels))): figure.value
        for figure in VIEW.figures
        if figure.value is not None
    }
    assert len(expected) > 300
    assert any(figure.value is None for figure in VIEW.figures)
    assert read_back(business.families(VIEW.figures), accept, parser) == expected


@pytest.mark.parametrize(("accept", "parser"), [("", classic), (OPEN, open_metrics)], ids=["classic", "open"])
def test_the_process_speaks_both_formats_too(accept: str, parser: Parser) -> None:
    found = read_back(process_families(busy()), accept, parser)
    assert found["subpulse_events_total", (("outcome", "applied"), ("topic", "orders"))] == 1_234
    assert found["subpulse_late_events_total", (("topic", "orders"),)] == 7


def test_the_format_is_the_one_asked_for() -> None:
    assert encode([], "")[1].startswith("text/plain")
    assert encode([], OPEN)[1].startswith("application/openmetrics-text")
    assert openmetrics is not None


def test_every_business_family_has_its_help_and_type() -> None:
    families = list(business.families(VIEW.figures))
    assert [family.name for family in families] == sorted(family.name for family in families)
    for family in families:
        assert family.documentation == CATALOGUE[family.name].help
        assert family.type == CATALOGUE[family.name].kind


def test_samples_have_exactly_the_labels_of_the_catalogue() -> None:
    for family in business.families(VIEW.figures):
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(CATALOGUE[family.name].labels) - {"le"}, sample


def test_buckets_of_each_currency_stand_together_and_rise() -> None:
    family = next(f for f in business.families(VIEW.figures) if f.type == "gaugehistogram")
    currencies = [sample.labels["currency"] for sample in family.samples]
    assert currencies == sorted(currencies)
    assert len(set(currencies)) > 1
    for currency in set(currencies):
        own = [sample for sample in family.samples if sample.labels["currency"] == currency]
        assert [sample.name.rpartition("_")[2] for sample in own][-3:] == ["bucket", "gcount", "gsum"]
        bounds = [float(sample.labels["le"]) for sample in own[:-2]]
        counts = [sample.value for sample in own[:-2]]
        assert bounds == sorted(bounds)
        assert bounds[-1] == float("inf")
        assert counts == sorted(counts)
        assert counts[-1] == own[-2].value


def test_label_values_with_quotes_backslashes_and_line_breaks_survive() -> None:
    odd = 'a"b\\c\nd\U0001f600'
    figure = Figure("subpulse_mrr", (("plan", odd), ("currency", "EUR")), 1.5)
    assert read_back(business.families([figure])) == {
        ("subpulse_mrr", (("currency", "EUR"), ("plan", odd))): 1.5
    }


def test_series_of_the_process_exist_before_anything_happens() -> None:
    found = read_back(process_families(Telemetry.of(TOPICS)))
    for topic in TOPICS:
        for outcome in process.OUTCOMES:
            assert found["subpulse_events_total", (("outcome", outcome), ("topic", topic))] == 0
        for reason in REASONS:
            assert found["subpulse_events_rejected_total", (("reason", reason), ("topic", topic))] == 0
        assert found["subpulse_event_delay_seconds_count", (("topic", topic),)] == 0
    assert found["subpulse_refresh_seconds_count", ()] == 0


def test_partitions_tell_what_they_hold() -> None:
    found = read_back(process_families(busy()))
    assert found["subpulse_partition_owned", (("partition", "3"),)] == 1
    assert found["subpulse_customers_held", (("partition", "0"),)] == 10
    assert found["subpulse_watermark_timestamp_seconds", (("partition", "0"),)] == 5
    assert found["subpulse_lag_records", (("partition", "0"), ("topic", "orders"))] == 7
    assert ("subpulse_watermark_timestamp_seconds", (("partition", "3"),)) not in found
    assert found["subpulse_build_info", (("revision", "abc"), ("version", "1.2"))] == 1


def test_histograms_count_cumulatively_up_to_infinity() -> None:
    found = read_back(process_families(busy()))
    buckets = {
        labels: value
        for (name, labels), value in found.items()
        if name == "subpulse_event_delay_seconds_bucket"
    }
    orders = {
        dict(labels)["le"]: value for labels, value in buckets.items() if dict(labels)["topic"] == "orders"
    }
    assert orders["0.1"] == 1
    assert orders["2592000.0"] == 1
    assert orders["+Inf"] == 2
    assert found["subpulse_event_delay_seconds_count", (("topic", "orders"),)] == 2
    assert found["subpulse_event_delay_seconds_sum", (("topic", "orders"),)] == pytest.approx(1e9 + 0.05)


def test_every_process_metric_is_explained_and_every_explanation_is_used() -> None:
    names = {family.name.removeprefix("subpulse_") for family in process_families(busy())}
    assert names == {name.removesuffix("_total") for name in process.HELP}
