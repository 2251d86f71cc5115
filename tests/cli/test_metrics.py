"""`subpulse metrics` and the reference it writes."""

from pathlib import Path

from tests.cli.calling import failed_with_a_sentence, subpulse

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_document_is_up_to_date() -> None:
    done = subpulse("metrics", "--markdown")
    assert done.stdout == DOCUMENT.read_text("utf-8"), "run: subpulse metrics --markdown > docs/metrics.md"


def test_a_text_chooses_among_the_metrics() -> None:
    done = subpulse("metrics", "quick_ratio")
    assert "subpulse_quick_ratio" in done.stdout
    assert "subpulse_mrr" not in done.stdout


def test_a_text_in_no_name_is_told() -> None:
    assert failed_with_a_sentence(subpulse("metrics", "weather"), "no metric has 'weather'")
