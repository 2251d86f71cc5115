"""`./dev backtest`: simulated years against the shipped alerts."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from backtest import table
from backtest.cases import CHURNS, QUIET, QUIET_DAYS, SEEDS, TRIALS, Case, quiet_cases, trial_cases
from backtest.promtool import PromtoolError
from backtest.results import Results
from backtest.rules import SHIPPED, Rules
from backtest.running import run
from keeping import ROOT, page
from service.simulation.scenarios import load

NAME, FILE = "backtest", "alerting.md"
HELP = """\
Simulated businesses of 5,000 customers are read by the service's own code; its figures at every hour go
through the shipped rules in promtool (Debian: apt install prometheus). Told are the false pages of quiet
years, and of each scenario how many seeds are found, and how soon. Exit code 1: a bar is missed.

  ./dev backtest --quick              a taste of all of it, in half a minute
  ./dev backtest                      the proof: 20 seeds, 120 quiet days each (40 minutes of one core)
  ./dev backtest -s churn-spike       one scenario (or several, or `quiet`)
  ./dev backtest --rules DIR          with rules of your own
  ./dev backtest --write              the tables into docs/alerting.md (with -s: those lines, the others stay)

Results are kept as they come (--results), so a run that was stopped goes on where it was. What was found with
other rules or another simulation does not count.
"""


def main() -> int:
    """Run what is asked for; 1 if a bar is missed."""
    console = Console(stderr=True, highlight=False)
    asked = _arguments()
    cases = {case.key: case for case in _cases(asked)}
    kept = Results(asked.results, Rules.read(asked.rules))
    results = kept.of(cases.values())
    todo = [case for key, case in cases.items() if key not in results]
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    try:
        with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task("Backtest", total=len(todo))
            for result in run(todo, asked.rules, asked.jobs):
                results[result.key] = result.fired
                kept.add(cases[result.key], result)
                progress.advance(bar)
    except PromtoolError as error:
        console.print(f"backtest: {error}", style="red", markup=False)
        return 1
    calm, loud = table.quiet(results, cases.values()), table.trials(results, cases.values())
    sys.stdout.write(table.markdown(calm, loud))
    if asked.write:
        _write(calm, loud)
    return int(any(verdict.kept is False for verdict in (*calm, *loud)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev backtest", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [QUIET, *dict.fromkeys(trial.scenario for trial in TRIALS)]
    parser.add_argument("-s", "--scenario", action="append", choices=names, help="only this; repeatable")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="businesses of each kind (20)")
    parser.add_argument("--days", type=float, default=QUIET_DAYS, help="quiet days of each (120)")
    parser.add_argument("--quick", action="store_true", help="one seed, the strongest of what has a bar")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--rules", type=Path, default=SHIPPED, metavar="DIR", help="else the shipped ones")
    parser.add_argument(
        "--results", type=Path, default=ROOT / ".cache" / "backtest.jsonl", metavar="FILE", help="kept there"
    )
    parser.add_argument("--write", action="store_true", help="write the tables into docs/alerting.md")
    return parser.parse_args()


def _cases(asked: argparse.Namespace) -> Iterator[Case]:
    wanted = asked.scenario or [QUIET, *(trial.scenario for trial in TRIALS)]
    seeds = 1 if asked.quick else asked.seeds
    if QUIET in wanted:
        for churn in CHURNS[:1] if asked.quick else CHURNS:
            yield from quiet_cases(seeds, 15 if asked.quick else asked.days, churn)
    for trial in TRIALS:
        if trial.scenario in wanted and (trial.bars or not asked.quick):
            cases = list(trial_cases(trial, seeds))
            strongest = max(case.strength for case in cases)
            yield from (case for case in cases if not asked.quick or case.strength == strongest)


def _write(calm: list[table.Verdict], loud: list[table.Verdict]) -> None:
    written = page.written(NAME, FILE)
    months = [table.quiet_name(churn) for churn in CHURNS]
    trials = [table.trial_name(trial, by) for trial in TRIALS for by in load(trial.scenario).strengths]
    text = table.markdown(table.completed(calm, written, months), table.completed(loud, written, trials))
    page.put(NAME, text, FILE)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
