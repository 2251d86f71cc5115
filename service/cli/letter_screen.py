"""Dead letters as text for a person and as JSON for a program."""

import base64
import sys
from collections import Counter
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.letter_work import Outcome
from service.cli.printable import printable
from service.letters.reading import Full, Waiting


def row(letter: Waiting) -> dict[str, Any]:
    """A letter without what its record holds."""
    story = letter.story
    return {
        "letter": letter.key,
        "reason": story.reason,
        "detail": story.detail,
        "rejected_at": story.rejected_at,
        "topic": story.topic,
        "partition": story.partition,
        "offset": story.offset,
        "bytes": letter.size,
    }


def full_row(full: Full) -> dict[str, Any]:
    """A letter with all that its record holds; bytes that are no UTF-8 as `{"base64": …}`."""
    headers = [[name, _text(value)] for name, value in full.letter.story.headers]
    return {
        **row(full.letter),
        "key": _text(full.letter.story.key),
        "headers": headers,
        "value": _text(full.value),
    }


def print_list(letters: list[Waiting], limit: int) -> None:
    """A table of the newest, oldest first, and how many there are by topic and reason."""
    table = Table("letter", "reason", "refused at", "bytes", "detail", box=box.SIMPLE_HEAD, pad_edge=False)
    for letter in letters[-limit:]:
        story, size = letter.story, "" if letter.size is None else f"{letter.size:,}"
        told = (letter.key, story.reason, story.rejected_at, size, story.detail)
        table.add_row(*[Text(printable(text.encode())) for text in told])
    counts = Counter((letter.story.topic, letter.story.reason) for letter in letters)
    if letters:
        Console(width=None if sys.stdout.isatty() else 160).print(table)
    if len(letters) > limit:
        typer.echo(f"… the newest {limit:,} of {len(letters):,}; --limit shows more, --json all")
    for (topic, reason), count in sorted(counts.items()):
        typer.echo(f"{count:,} {reason} of {printable(topic.encode())}")
    if not letters:
        typer.echo("no letters wait")


def print_full(full: Full) -> None:
    """One letter with everything."""
    story = full.letter.story
    lines = {
        "letter": full.letter.key,
        "reason": f"{story.reason}: {story.detail}",
        "refused at": story.rejected_at,
        "key": _shown(story.key),
        **{f"header {name}": _shown(value) for name, value in story.headers},
        "value": _shown(full.value),
    }
    for name, text in lines.items():
        typer.echo(f"{printable(name.encode())}: {printable(text.encode())}")
    typer.echo()


def outcome_row(outcome: Outcome) -> dict[str, Any]:
    """What a redrive came to, for a program."""
    verdict = outcome.verdict
    return {
        "sent": outcome.sent.total(),
        "accepted": verdict.accepted,
        "rejected_again": dict(verdict.rejected),
        "not_processed": verdict.unprocessed,
        "left": dict(outcome.left),
        "interrupted": outcome.interrupted,
    }


def print_outcome(outcome: Outcome, wait: float) -> None:
    """What a redrive came to, for a person."""
    verdict, sent = outcome.verdict, outcome.sent.total()
    topics = ", ".join(f"{count:,} to {topic}" for topic, count in sorted(outcome.sent.items()))
    typer.echo(f"sent back {sent:,}" + (f": {topics}" if topics else ""))
    if sent:
        typer.echo(f"accepted this time {verdict.accepted:,}")
    if verdict.rejected:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(verdict.rejected.items()))
        typer.echo(f"rejected again {verdict.rejected.total():,}: {reasons}")
    if verdict.unprocessed:
        typer.echo(f"not processed within {wait:g} s {verdict.unprocessed:,}: is a worker running?")
    for topic, count in sorted(outcome.left.items()):
        typer.secho(
            f"left {count:,} of {printable(topic.encode())}: no source topic of these settings, or gone",
            err=True,
            fg="yellow",
        )


def _shown(value: bytes | None) -> str:
    return "(none)" if value is None else value.decode("utf-8", "backslashreplace")


def _text(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}
