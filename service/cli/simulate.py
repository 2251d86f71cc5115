"""`subpulse simulate`: a made-up subscription business, to files or to Kafka."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.options import Assignments, Brokers, Config, chosen
from service.errors import UserError
from service.now import now_micros

if TYPE_CHECKING:
    from service.telling.outlets import Outlet
    from service.telling.pace import Progress
    from service.telling.plan import Plan


def command(
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario", "-S", metavar="NAME", help="What happens; a file of your own ends in .toml."
        ),
    ] = "quiet",
    list_: Annotated[bool, typer.Option("--list", help="Show the scenarios and end.")] = False,
    strength: Annotated[
        float | None, typer.Option(min=0.0, help="How strong it is; `--list` says what the number means.")
    ] = None,
    from_day: Annotated[
        float | None,
        typer.Option(min=0.0, max=3_650, help="The day on which it begins (mostly 30)."),
    ] = None,
    days: Annotated[
        float | None,
        typer.Option(min=0.01, max=3_650, help="Days to tell from day 0 on; 90, with --speed no end."),
    ] = None,
    customers: Annotated[
        int | None, typer.Option(help="Customers who pay on day 0, about (most scenarios: 5,000).")
    ] = None,
    churn: Annotated[
        float | None, typer.Option(help="Usual monthly churn, as 0.03 (most scenarios: 0.03).")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="T", help="Day 0, as 2026-01-01T00:00:00Z; else so that the story ends now."),
    ] = None,
    speed: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="Tell the history, then go on live, this many times as fast as real time (above 1, alerts "
            "see a churn spike); without it everything is told at once.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story.")] = 1,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="NDJSON, packed if it ends in .gz or .zst."),
    ] = "-",
    publish: Annotated[
        bool, typer.Option("--publish", help="Send the events to their topics instead of writing lines.")
    ] = False,
    on_top: Annotated[
        bool,
        typer.Option("--on-top", help="With --publish: go on although the topics hold events already."),
    ] = False,
    brokers: Brokers = None,
    config: Config = None,
    assignments: Assignments = None,
) -> None:
    """Tell the story of a made-up subscription business as events on the contract.

    It sells quarterly, annual and company plans and a free one, with trials, a guarantee, renewals, dunning,
    pauses, one-off orders, referrals and advertising, by season and weekday. On day 0 it has its full size;
    the 425 days before it are told first. Then the scenario takes its course.

        subpulse simulate --list

        subpulse simulate -S churn-spike --strength 5 -o spike.ndjson.gz && subpulse replay spike.ndjson.gz

        subpulse simulate -S payment-outage --from-day 0 --speed 3600 --publish

    The last one sends the history to Kafka at once and then goes on live, an hour of business a second, until
    Ctrl-C. All event times lie in the past, so no worker refuses them. The history keeps its dates: to
    alerts, live mode that is faster than real time is a churn spike and a payment outage, whatever happens.
    """
    from service.simulation.scenarios import load
    from service.telling.plan import Plan

    if list_:
        from service.cli.scenarios import print_scenarios

        print_scenarios()
        return
    if publish and output != "-":
        raise UserError("--publish and --output are both given: events go to Kafka or to a file")
    story = load(scenario, strength, paying=customers, monthly_churn=churn)
    if from_day is not None and story.changes:
        story = story.beginning(from_day)
    plan = Plan.of(story, seed, start, days, speed, now_micros())
    # The stop of a platform ends the story as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
    settings = chosen(config, assignments, brokers=brokers) if publish else None
    _tell(plan, _outlet(output, settings, on_top))


def _tell(plan: "Plan", outlet: "AbstractAsyncContextManager[Outlet]") -> None:
    from service.telling.pace import Told

    told = Told()
    if plan.ends_too_early:
        typer.secho(
            "Nothing will happen: the story ends before the scenario begins, on day "
            f"{plan.scenario.from_day:g}; give more --days or an earlier --from-day.",
            err=True,
            fg="yellow",
        )
    elif plan.befalls is not None:
        _say(f"{plan.scenario.summary} From {plan.befalls:%Y-%m-%d %H:%M} UTC on.")
    try:
        asyncio.run(_run(plan, outlet, told))
    except (KeyboardInterrupt, asyncio.CancelledError):
        if plan.pace is None:
            raise KeyboardInterrupt from None
    _say(f"told {told.events:,} events")


async def _run(plan: "Plan", opening: "AbstractAsyncContextManager[Outlet]", told: Any) -> None:
    from service.simulation import Established
    from service.telling.pace import at_once, in_its_time

    first, history = plan.history
    business = Established(plan.seed, plan.day_zero, plan.scenario, plan.lapse)
    async with opening as outlet:
        with _progress(first, history) as progress:
            await at_once(business, first, history, outlet, told, progress)
        if plan.pace is not None:
            if plan.pace > 1:
                _say(
                    f"From now on {plan.pace:,} times as much happens as before: to alerts that is a churn "
                    "spike and a payment outage, whatever the scenario."
                )
            _say(f"{told.events:,} events up to now are told; going on live. Ctrl-C ends it.")
            await in_its_time(business, plan.lapse, plan.end, outlet, told)


@asynccontextmanager
async def _outlet(output: str, settings: Any, on_top: bool) -> "AsyncIterator[Outlet]":
    from service.telling.outlets import Topics, lines_to

    if settings is None:
        with lines_to(output) as lines:
            yield lines
        return
    from service.stream.connection import admitted
    from service.telling.emptiness import require_empty
    from service.telling.publishing import Publisher

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong is told once, at the end
    client = await admitted(settings)
    async with Publisher(client) as publisher:
        await publisher.require(settings.sources.values())
        if not on_top:
            await require_empty(client, settings.sources.values())
        yield Topics(publisher, settings.sources)


@contextmanager
def _progress(start: int, end: int) -> "Iterator[Progress]":
    """A bar over the days of history, if somebody is looking."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    if not sys.stderr.isatty():
        yield lambda instant: None
        return
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Telling", total=end - start)
        yield lambda instant: bar.update(task, completed=instant - start)


def _say(text: str) -> None:
    typer.echo(text, err=True)
