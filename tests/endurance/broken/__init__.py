"""Workers with one guarantee taken out, to show that the storm notices. Scripts in the place of `faust`."""

import sys
from pathlib import Path

BUILDS = {
    "unfenced": ("unfenced.py", "a new owner of a partition does not shut out the former one"),
    "apart": ("apart.py", "source positions are committed apart from the state"),
    "unsought": ("unsought.py", "an era begins without a seek to what the state contains"),
}


def command(build: str) -> tuple[str, ...]:
    """How a worker of a broken build is started."""
    return sys.executable, str(Path(__file__).with_name(BUILDS[build][0]))
