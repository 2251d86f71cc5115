"""Options that long runs have in common."""

import argparse
import os
from pathlib import Path

from keeping import ROOT


def add_outputs(parser: argparse.ArgumentParser, results: str, written: str) -> None:
    """Where finished `results` are kept (a file below .cache), medians go, and what is `written` to docs."""
    parser.add_argument("--json", type=output, metavar="FILE", help="write the medians there")
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


def whole_number(text: str) -> int:
    """A whole number, for argparse, which tells what is wrong."""
    digits = text.replace(",", "").replace("_", "")
    if not digits.isdecimal() or not (number := int(digits)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on, such as 200000")
    return number


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers between commas, likewise."""
    return tuple(map(whole_number, text.split(",")))


def output(text: str) -> Path:
    """A file that can be written, likewise: found out before hours are spent."""
    path = Path(text)
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written: name a file in a folder of yours")
    return path
