"""The packages of the Python peers, in an environment of their own, which `./dev bench peers` makes."""

import platform
from importlib.metadata import distributions

from keeping import ROOT

PYTHON = ROOT / ".cache" / "peers" / "venv" / "bin" / "python"


def absent(package: str) -> str:
    """Why the package is not there; empty if it is."""
    folders = [str(folder) for folder in PYTHON.parents[1].glob("lib/python*/site-packages")]
    if not folders:
        return "there is no environment of the Python peers; ./dev bench peers makes it"
    if not any(distributions(name=package, path=folders)):
        return f"{package} cannot be had for Python {platform.python_version()} (requirements-peers.in)"
    return ""
