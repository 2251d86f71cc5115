"""The reference of settings, for people."""

from pathlib import Path

import pytest

from service.settings import Settings
from service.settings.reference import HIDDEN, allowed, is_secret, markdown, meaning, shown

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text("utf-8") == markdown(), (
        "run: subpulse settings --markdown > docs/configuration.md"
    )


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_means_and_may_be(name: str) -> None:
    assert meaning(name).endswith((".", ")"))
    assert allowed(name)


def test_exactly_the_passwords_are_secrets() -> None:
    assert {name for name in Settings.model_fields if is_secret(name)} == {
        "erasure_secret",
        "http_token",
        "sasl_password",
        "tls_key_password",
    }
    assert shown("sasl_password", "wonderland") == HIDDEN
