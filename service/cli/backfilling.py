"""Where the figures of the past come from: files of events, or a worker that is asked piece by piece."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from schemas.instants import DAY, HOUR, format_instant, parse_instant
from service.cli.ask import address_of, ask
from service.cli.options import WrongOptionError
from service.cli.progress import progress_of, progress_over
from service.domain.metrics import Figure
from service.errors import UserError
from service.exposition.business import Series
from service.exposition.choosing import Wanted
from service.exposition.spans import EARLIEST, Span, instant_of, step_of
from service.now import now_micros
from service.replay import past, read_lines, require
from service.settings import Settings

HISTORY = "/api/v1/history"
PIECE = 60  # instants asked for at once, so that there is progress to see
PATIENCE = 600.0  # seconds, for an answer, and for a worker that answers somebody else
USUAL = 730 * DAY

Found = tuple[Sequence[int], list[dict[str, Any]]]
"""Instants (microseconds), and rows as `Series` makes them."""


class Asked(NamedTuple):
    """What was asked for, as it stands on the command line."""

    since: str | None
    to: str | None
    step: str
    names: tuple[str, ...]

    def steps(self) -> tuple[int, int]:
        """Hours and days of a step, one of them 0. Raises WrongOptionError."""
        try:
            return step_of(self.step)
        except ValueError as error:
            raise WrongOptionError(f"--{error}") from None

    def wanted(self) -> Wanted:
        """The figures. Raises WrongOptionError."""
        try:
            wanted = Wanted.named(self.names)
            wanted.refuse_what_is_of_now()
            return wanted
        except ValueError as error:
            raise WrongOptionError(f"--{error}") from None


def from_files(files: list[str], asked: Asked, settings: Settings) -> Found:
    """Of a replay. Raises UserError with a sentence."""
    require(files)
    definitions, now = settings.definitions(), now_micros()
    steps, wanted = asked.steps(), asked.wanted()
    since = _instant(asked.since, "--from", settings, ends=False)
    to = _instant(asked.to, "--to", settings, ends=True)

    def choose(first: int, last: int) -> Sequence[int]:
        span = Span(first if since is None else since, last if to is None else to, *steps)
        return span.instants(definitions, most=None)

    with progress_over(files, "Reading") as progress:
        lines = read_lines(files, settings.max_record_bytes, progress)
        instants, views = past(
            lines,
            definitions,
            choose,
            now,
            limits=settings.limits(),
            largest_value=settings.max_record_bytes,
        )
    series = Series()
    with progress_of("Computing") as advance:
        for done, found in enumerate(views, 1):
            series.add(figure for figure in found.figures if wanted.holds(figure))
            if advance:
                advance(done, len(instants))
    return instants, series.rows()


def from_worker(url: str | None, asked: Asked, settings: Settings) -> Found:
    """Of a worker, a few instants at a time. Raises UserError with a sentence."""
    hours, days = asked.steps()
    asked.wanted()
    address, token = url or address_of(settings), settings.token

    def some(since: str, to: str | None, step: str) -> dict[str, Any]:
        query = {"from": since, **({"to": to} if to else {}), "step": step, "name": asked.names}
        return ask(address, token, HISTORY, query, patience=PATIENCE, seconds=PATIENCE)

    reach = some(asked.since or EARLIEST, asked.to, "9999d")
    first, last = parse_instant(reach["from"]), parse_instant(reach["to"])
    if asked.since is None:
        first = max(first, last - USUAL)
    instants, series, cursor = list[int](), Series(), first
    with progress_of("Asking") as advance:
        while cursor <= last:
            until = min(cursor + PIECE * (hours * HOUR or days * DAY), last)
            found = some(format_instant(cursor), format_instant(until), asked.step)
            told = [parse_instant(text) for text in found["instants"]]
            for place in range(len(told)):
                series.add(_figures(found["series"], place))
            instants += told
            cursor = _behind(told[-1], hours, days) if told else until + 1
            if advance:
                advance(cursor - first, last - first)
    return instants, series.rows()


def _behind(last: int, hours: int, days: int) -> int:
    """From where to ask on. A day that is some days on begins up to two hours before or after as many times
    24 hours, where clocks were changed; only days that begin behind this instant are told."""
    if hours:
        return last + hours * HOUR
    return last + 1 if days == 1 else last + 1 + (days - 1) * DAY - 2 * HOUR


def _figures(rows: Sequence[dict[str, Any]], place: int) -> Iterator[Figure]:
    for row in rows:
        yield Figure(row["name"], tuple(row["labels"].items()), row["values"][place])


def _instant(text: str | None, option: str, settings: Settings, *, ends: bool) -> int | None:
    try:
        return None if text is None else instant_of(text, settings.time_zone, ends=ends)
    except ValueError as error:
        raise UserError(f"{option} {text}: {error}") from None
