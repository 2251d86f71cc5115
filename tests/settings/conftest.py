import os

import pytest


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds on the machine of the test holds nothing here."""
    for name in [name for name in os.environ if name.upper().startswith("SUBPULSE_")]:
        monkeypatch.delenv(name)
