"""Prometheus and Alertmanager in a hurry: the shipped configuration with every time shortened, to try it out.

    python -m deploy.hurry --times 1000 FOLDER

writes copies of deploy/prometheus and deploy/alertmanager to FOLDER, in which every duration is divided by
`--times`: how often is scraped and evaluated, `for` and `keep_firing_for`, how far a rule looks back, how
long notifications are held. That is the only knob; thresholds stay as they are. Two things do not get faster
with it, so nothing falls below what they need: another worker takes over within TAKEOVER seconds (rules), and
scraping and notifying can make no use of less than a second (everything else).
"""

import argparse
import math
import re
import shutil
from pathlib import Path

TAKEOVER = 20.0
LEAST = 1.0

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_SETTING = re.compile(r"(?m)^(\s*(?:- )?(?:\w+_interval|group_wait|for|keep_firing_for): )(\d+)(ms|[smhdw])$")
_LOOKING_BACK = re.compile(r"(\[|\boffset )(\d+)(ms|[smhdw])\b")


def hurried(text: str, times: float, least: float = LEAST) -> str:
    """A configuration or rules (YAML), all durations divided by `times`, none cut below `least` seconds."""

    def shorter(found: re.Match[str]) -> str:
        before, number, unit = found.groups()
        seconds = int(number) * _SECONDS[unit]
        return f"{before}{round(1_000 * max(seconds / times, min(seconds, least)))}ms"

    return _LOOKING_BACK.sub(shorter, _SETTING.sub(shorter, text))


def write(folder: Path, times: float) -> None:
    """Write the copies to `folder`, in place of what is there."""
    here = Path(__file__).parent
    for part in ("prometheus", "alertmanager"):
        shutil.copytree(here / part, folder / part, dirs_exist_ok=True)
        for file in (folder / part).rglob("*.yml"):
            least = TAKEOVER if file.parent.name == "rules" else LEAST
            file.write_text(hurried(file.read_text(), times, least))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m deploy.hurry", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the copies go")
    parser.add_argument("--times", type=_times, default=1_000, help="how many times as fast (1000)")
    wanted = parser.parse_args()
    try:
        write(wanted.folder, wanted.times)
    except OSError as error:
        parser.error(f"argument FOLDER: {wanted.folder} cannot be written: {error.strerror}")


def _times(text: str) -> float:
    """How many times as fast: 1 or more, and not without end."""
    try:
        times = float(text)
    except ValueError:
        times = math.nan
    if not 1 <= times < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not how many times as fast: a number from 1 on")
    return times


if __name__ == "__main__":
    main()
