"""The curves by the number of customers, in an SVG that is the same for the same results."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.ticker import FuncFormatter

from benchmarks.plot import OURS, canvas
from benchmarks.scale.part import Row

CURVES = ("events per CPU s", "bytes a customer", "refresh takes s", "recovery s")


def draw(found: Mapping[str, Row], file: Path) -> None:
    """A small picture for each curve, customers on a logarithmic axis."""
    customers = [row["customers"] for row in found.values()]
    with canvas(file, (10, 2.8)) as figure:
        for axes, column in zip(figure.subplots(1, len(CURVES)), CURVES, strict=True):
            axes.plot(
                customers, [row[column] for row in found.values()], color=OURS, marker="o", markersize=3
            )
            axes.set_title(column)
            axes.set_xscale("log")
            axes.set_ylim(bottom=0)
            axes.set_xticks(customers, [_short(count) for count in customers], minor=False, rotation=45)
            axes.set_xticks([], minor=True)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
            axes.spines[["top", "right"]].set_visible(False)


def _short(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
