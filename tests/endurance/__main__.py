"""`./dev storm`: everything that may happen to workers, broker and network, and then a recomputation."""

import argparse
import asyncio
import json
import logging
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.endurance import broken
from tests.endurance.course import Course
from tests.endurance.kinds import KINDS, LAST, MEANING_OF_LAST
from tests.endurance.plan import LONGEST, Plan
from tests.endurance.screen import Screen, summary
from tests.endurance.storm import Storm
from tests.endurance.workforce import COMMAND

MEANING = f"""\
Sends events of all types to a real Kafka while workers, broker and network are struck by faults, all from
one seed. When the storm is over and everything has settled, a program that shares no code with subpulse
recomputes every figure, every customer's record and every dead letter from the source topics, and compares.

Faults:
{chr(10).join(f"  {kind:25}{meaning}" for kind, meaning in [*KINDS.items(), (LAST, MEANING_OF_LAST)])}

A storm that went wrong says its seed: with --seed and --minutes the same events and the same faults come
again at the same times (what they meet depends on the machine). More than {LONGEST:g} minutes are several
storms, with seeds that follow one another, and broker and topics of their own.

Exit code: 0 exact, 1 something differs. The logs of a storm that went wrong are kept.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the storms that are asked for; 0 when all are exact."""
    chosen = _parser().parse_args(arguments)
    seed = random.SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    command = COMMAND if chosen.broken is None else broken.command(chosen.broken)
    plan = Plan(
        seed,
        chosen.minutes,
        chosen.rate,
        chosen.brokers,
        history_days=chosen.history_days,
        command=command,
    )
    console = Console(highlight=False)
    courses = []
    for part in plan.parts():
        courses.append(_one(part, console, chosen.keep or chosen.broken is not None))
        if chosen.json is not None:
            chosen.json.write_text(json.dumps([_facts(course) for course in courses], indent=2) + "\n")
    exact = sum(course.exact for course in courses)
    if len(courses) > 1:
        console.print(f"{exact} of {len(courses)} storms were exact.")
    return 0 if exact == len(courses) else 1


def _one(plan: Plan, console: Console, keep: bool) -> Course:
    folder = Path(tempfile.mkdtemp(prefix=f"subpulse-storm-{plan.seed}-"))
    logging.basicConfig(filename=folder / "storm.log", level=logging.WARNING, force=True)
    screen = Screen(console)
    storm = Storm(plan, folder, screen.tell)
    console.print(f"Storm {plan.seed}: {plan.minutes:g} minutes, {len(plan.faults)} faults, logs in {folder}")
    with screen.watching(storm.course):
        course = asyncio.run(storm.run())
    screen.report(course)
    if course.exact and not keep:
        shutil.rmtree(folder, ignore_errors=True)
    return course


def _facts(course: Course) -> dict[str, object]:
    return {
        "seed": course.plan.seed,
        "minutes": course.plan.minutes,
        "brokers": course.plan.brokers,
        "exact": course.exact,
        "faults": dict(course.faults),
        "endings": dict(course.endings),
        "told": course.told,
        "summary": summary(course),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev storm", description=MEANING, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="events and faults come from it; without one it is drawn")
    parser.add_argument("--minutes", type=_minutes, default=5.0, help="how long faults come (default: 5)")
    parser.add_argument("--rate", type=int, default=300, metavar="N", help="events a second (default: 300)")
    parser.add_argument(
        "--brokers",
        type=int,
        choices=(1, 3),
        default=1,
        help="3: a cluster with replication 3 and min.isr 2 that loses its leaders",
    )
    parser.add_argument(
        "--history-days",
        type=int,
        default=0,
        metavar="N",
        help="have workers keep a daily history of so many days (30 or more), and ask them for the past too",
    )
    parser.add_argument(
        "--broken",
        choices=tuple(broken.BUILDS),
        help="run workers with a guarantee taken out, to see that the storm notices: "
        + "; ".join(f"{name}: {what}" for name, (_, what) in broken.BUILDS.items()),
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the reports there too")
    parser.add_argument("--keep", action="store_true", help="keep the logs of an exact storm as well")
    return parser


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0.5 <= minutes <= 600:
        raise argparse.ArgumentTypeError("from 0.5 to 600 minutes")
    return minutes


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
