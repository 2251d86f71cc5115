"""The programs of the Prometheus family, as Debian packages them."""

import shutil

import pytest

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
}
"""Program -> package."""


def program(name: str) -> str:
    """Its path; without it the test is skipped, and says what to install."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt install {PACKAGES[name]})")
    return found
