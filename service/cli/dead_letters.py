"""`subpulse dead-letters`: records that could not be used, and what to do with them."""

import asyncio
import json
import logging
import sys
from collections import Counter
from collections.abc import Coroutine
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from service.cli.options import Assignments, Brokers, Config, Yes, chosen, confirm
from service.cli.progress import progress_of
from service.errors import UserError
from service.now import now_micros

if TYPE_CHECKING:
    from service.letters.reading import Waiting
    from service.letters.selection import Selection
    from service.settings import Settings

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help=cleandoc(
        """Records that could not be used wait in the dead-letter topic until somebody decides.

        A letter is called as the place of its record: TOPIC/PARTITION/OFFSET. See what waits, and why:

            subpulse dead-letters list --since 2d

            subpulse dead-letters show orders/3/1742

        `redrive` sends records back as they were. That helps once what was wrong is no longer so: a limit was
        raised (`customer_limit`, `too_large`), time has passed (`future_event`), the producer had another
        partitioner (`wrong_partition`), or a newer subpulse reads them:

            subpulse dead-letters redrive --reason customer_limit

        To correct a record take its value (`show --value`), mend it, `subpulse publish` it, drop the letter.
        """
    ),
)

Letters = Annotated[
    list[str] | None, typer.Argument(metavar="[LETTER]…", help="Only these, as TOPIC/PARTITION/OFFSET.")
]
Reason = Annotated[
    list[str] | None, typer.Option("--reason", metavar="R", help="Only letters with this reason. Repeatable.")
]
Topic = Annotated[
    list[str] | None, typer.Option("--topic", metavar="T", help="Only records of this topic. Repeatable.")
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="Only what was refused since: 2026-01-31T12:00:00Z, or 12h, 7d ago."
    ),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Only what was refused before that time.")
]
All = Annotated[bool, typer.Option("--all", help="Every letter: say so, rather than nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@app.command("list")
def list_(
    letters: Letters = None,
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[
        int, typer.Option(min=1, help="List so many at most, the newest; all are counted.")
    ] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, without a limit.")] = False,
    config: Config = None,
    assignments: Assignments = None,
    brokers: Brokers = None,
) -> None:
    """List the letters that wait, oldest first: why each was refused, never what its record holds."""
    from service.cli import letter_screen

    settings = chosen(config, assignments, brokers=brokers)
    found = _run(_waiting(settings, _selection(letters, reason, topic, since, until)))
    if as_json:
        for letter in found:
            typer.echo(json.dumps(letter_screen.row(letter)))
    else:
        letter_screen.print_list(found, limit)


@app.command()
def show(
    letters: Annotated[
        list[str], typer.Argument(metavar="LETTER…", help="Which, as TOPIC/PARTITION/OFFSET.")
    ],
    value: Annotated[
        bool, typer.Option("--value", help="Only the record's value, byte for byte; for one letter.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    config: Config = None,
    assignments: Assignments = None,
    brokers: Brokers = None,
) -> None:
    """Show letters with all that their records hold: key, headers and value.

    That is customers' data: mind where the output goes.
    """
    from service.cli import letter_screen

    settings = chosen(config, assignments, brokers=brokers)
    if value and len(letters) > 1:
        raise UserError("--value shows one letter at a time")
    found = _run(_in_full(settings, _selection(letters, None, None, None, None)))
    missing = sorted(set(letters) - {full.letter.key for full in found})
    for full in found:
        if value:
            sys.stdout.buffer.write(full.value or b"")
        elif as_json:
            typer.echo(json.dumps(letter_screen.full_row(full)))
        else:
            letter_screen.print_full(full)
    if missing:
        raise UserError(f"no such letter waits: {', '.join(missing)}")


@app.command()
def redrive(
    letters: Letters = None,
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    until: Until = None,
    everything: All = False,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long to wait for the workers' verdict.")
    ] = 60,
    yes: Yes = False,
    as_json: AsJson = False,
    config: Config = None,
    assignments: Assignments = None,
    brokers: Brokers = None,
) -> None:
    """Send records back to their topics, each at most once: same key, value and headers, a new timestamp.

    The record goes out and its letter goes away in one transaction; run it again after an interruption, and
    nothing is sent twice. A key goes to the partition that Kafka's default partitioner gives it.

    Afterwards it waits for the workers and says how many records they accepted this time. What they refuse
    again is a new letter, at its new place.
    """
    from service.cli import letter_screen
    from service.cli.letter_work import redriven

    settings = chosen(config, assignments, brokers=brokers)
    selection = _selected(letters, reason, topic, since, until, everything)
    _confirm(settings, selection, yes, "Send {} back to their topics?")
    outcome = _run(redriven(settings, selection, wait))
    if as_json:
        typer.echo(json.dumps(letter_screen.outcome_row(outcome)))
    else:
        letter_screen.print_outcome(outcome, wait)
    if outcome.interrupted is not None:
        raise UserError(outcome.interrupted)


@app.command()
def drop(
    letters: Letters = None,
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    until: Until = None,
    everything: All = False,
    yes: Yes = False,
    as_json: AsJson = False,
    config: Config = None,
    assignments: Assignments = None,
    brokers: Brokers = None,
) -> None:
    """Delete letters and what their records held, for good. They will never count in any figure.

    The broker removes the bytes when it next compacts the topic.
    """
    from service.cli.letter_work import dropped

    settings = chosen(config, assignments, brokers=brokers)
    selection = _selected(letters, reason, topic, since, until, everything)
    _confirm(settings, selection, yes, "Delete {} for good?")
    count = _run(dropped(settings, selection))
    typer.echo(json.dumps({"dropped": count}) if as_json else f"dropped {_letters(count)}")


def _selection(
    letters: list[str] | None,
    reasons: list[str] | None,
    topics: list[str] | None,
    since: str | None,
    until: str | None,
) -> "Selection":
    from schemas.verdict import REASONS
    from service.letters.selection import Selection, check_key, instant

    if unknown := sorted(set(reasons or ()) - set(REASONS)):
        raise UserError(f"there is no reason {unknown[0]!r}; reasons are {', '.join(REASONS)}")
    now = now_micros()
    return Selection(
        frozenset(map(check_key, letters or ())),
        frozenset(reasons or ()),
        frozenset(topics or ()),
        instant(since, now) if since else None,
        instant(until, now) if until else None,
    )


def _selected(
    letters: list[str] | None,
    reasons: list[str] | None,
    topics: list[str] | None,
    since: str | None,
    until: str | None,
    everything: bool,
) -> "Selection":
    selection = _selection(letters, reasons, topics, since, until)
    if selection.everything and not everything:
        raise UserError("say which letters: name them, use --reason, --topic, --since, --until, or say --all")
    if everything and not selection.everything:
        raise UserError("--all and a choice of letters: say one of them")
    return selection


def _confirm(settings: "Settings", selection: "Selection", yes: bool, question: str) -> None:
    if yes:
        return
    found = _run(_waiting(settings, selection))
    reasons = Counter(letter.story.reason for letter in found)
    told = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    if found:
        confirm(question.format(f"{_letters(len(found))} ({told})"), yes)


def _letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count:,} letters"


async def _waiting(settings: "Settings", selection: "Selection") -> "list[Waiting]":
    from service.cli.letter_work import box_of

    with progress_of("Reading letters") as progress:
        return await (await box_of(settings, progress)).waiting(selection)


async def _in_full(settings: "Settings", selection: "Selection") -> list[Any]:
    from service.cli.letter_work import box_of

    box = await box_of(settings)
    return [full async for full in box.full(await box.waiting(selection))]


def _run(work: Coroutine[Any, Any, T]) -> T:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong is told once, at the end
    return asyncio.run(work)
