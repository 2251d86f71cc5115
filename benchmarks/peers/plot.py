"""The results as bars, in an SVG that is the same for the same results."""

from pathlib import Path

from matplotlib.ticker import FuncFormatter

from benchmarks.peers.results import Result, Spread
from benchmarks.plot import OTHERS, OURS, canvas


def draw(told: list[Result], file: Path) -> None:
    """Events per CPU second and by the clock: medians, with a line from the lowest round to the highest."""
    with canvas(file, (10, 0.8 + 0.3 * len(told))) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        left.set_title("events per CPU second")
        right.set_title("events per second")
        slowest_first = told[::-1]
        for axes, spreads in (
            (left, [result.events_per_cpu_second for result in slowest_first]),
            (right, [result.events_per_second for result in slowest_first]),
        ):
            axes.barh(
                [result.variant.key for result in slowest_first],
                [spread.middle for spread in spreads],
                xerr=_whiskers(spreads),
                color=[OURS if result.variant.engine == "subpulse" else OTHERS for result in slowest_first],
                error_kw={"linewidth": 0.8},
            )
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 1_000:,.0f}k"))
            axes.spines[["top", "right"]].set_visible(False)


def _whiskers(spreads: list[Spread]) -> list[list[float]]:
    return [
        [spread.middle - spread.lowest for spread in spreads],
        [spread.highest - spread.middle for spread in spreads],
    ]
