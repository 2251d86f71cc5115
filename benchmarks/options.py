"""Options that long runs have in common."""

import argparse
from pathlib import Path

from keeping import ROOT


def add_outputs(parser: argparse.ArgumentParser, results: str, written: str) -> None:
    """Where finished `results` are kept (a file below .cache), medians go, and what is `written` to docs."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the medians there")
    parser.add_argument("--write", action="store_true", help=f"write {written} into docs/performance.md")
    parser.add_argument(
        "--results",
        type=Path,
        default=ROOT / ".cache" / results,
        metavar="FILE",
        help="what is finished is kept there; delete it to measure anew",
    )


def parse(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """What is asked for; a taste (`--quick`) is refused for the page (`--write`)."""
    asked = parser.parse_args()
    if asked.quick and asked.write:
        parser.error("--write: a taste (--quick) is not for the page; leave one of them out")
    return asked


def numbers(text: str) -> tuple[int, ...]:
    """Numbers between commas, for argparse, which tells what is wrong."""
    return tuple(int(number.replace("_", "")) for number in text.split(","))
