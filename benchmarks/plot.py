"""How plots are drawn here: as an SVG that is the same for the same figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

from matplotlib.figure import Figure

OURS, OTHERS = "#1f6f8b", "#b8b8b8"


@contextmanager
def canvas(file: Path, inches: tuple[float, float]) -> Iterator[Figure]:
    """A figure to draw upon; it is in the file afterwards."""
    with mpl.rc_context({"svg.hashsalt": "subpulse", "svg.fonttype": "none", "font.size": 9.0}):
        figure = Figure(figsize=inches, layout="constrained")
        yield figure
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
