"""What `subpulse dead-letters redrive` and `drop` do, step by step."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from service.cli.progress import progress_of
from service.letters.closing import ClosingError, Desk, Sent
from service.letters.following import Verdict, follow
from service.letters.reading import Box, Waiting
from service.letters.selection import Selection
from service.settings import Settings
from service.stream.connection import admitted


class Outcome(NamedTuple):
    """What a redrive came to."""

    sent: Counter[str]  # by topic
    left: Counter[str]  # letters of topics that are no sources of this application, by topic
    verdict: Verdict
    interrupted: str | None  # why not all were sent


async def box_of(settings: Settings, progress: Callable[[int, int], None] | None = None) -> Box:
    """The dead-letter topic of these settings."""
    return Box(await admitted(settings), settings.dead_letters_topic, progress)


async def desk_of(settings: Settings) -> Desk:
    """Where letters of these settings are closed."""
    client, sources = await admitted(settings), settings.sources.values()
    return Desk(client, settings.application, settings.dead_letters_topic, sources)


async def redriven(settings: Settings, selection: Selection, wait: float) -> Outcome:
    """Send the records back, then follow them for `wait` seconds at most."""
    sent: list[Sent] = []
    interrupted = None
    box = await box_of(settings)
    async with await desk_of(settings) as desk:
        since = await box.ends()
        with progress_of("Reading letters") as progress:
            letters = await (await box_of(settings, progress)).waiting(selection)
        known = await desk.partitions()
        wanted = [letter for letter in letters if letter.story.topic in known]
        left = Counter(letter.story.topic for letter in letters if letter.story.topic not in known)
        with progress_of("Sending back") as progress:
            try:
                async for one in desk.redrive(box.full(wanted), _of(progress, len(wanted))):
                    sent.append(one)
            except ClosingError as error:
                interrupted = str(error)
    with progress_of("Waiting for the workers") as progress:
        client = await admitted(settings)
        verdict = await follow(client, settings.application, box, sent, since, wait, progress)
    return Outcome(Counter(one.topic for one in sent), left, verdict, interrupted)


async def dropped(settings: Settings, selection: Selection) -> int:
    """Delete the letters; how many."""
    async with await desk_of(settings) as desk:
        with progress_of("Reading letters") as progress:
            letters: list[Waiting] = await (await box_of(settings, progress)).waiting(selection)
        with progress_of("Dropping") as progress:
            await desk.drop(letters, _of(progress, len(letters)))
    return len(letters)


def _of(progress: Callable[[int, int], None] | None, total: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(done, total)
