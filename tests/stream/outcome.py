"""What an application came to: the figures of all partitions, and the last changelog record of each key."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

from service.domain.metrics import Definitions, Summary, View, total, view
from service.figures.board import Board
from service.replay import MAX, read_lines, replay
from service.stream import head
from service.stream.summary_rows import TARGET_KEY, open_envelope
from tests.stream.application import Application
from tests.stream.events import Sent


class Outcome(NamedTuple):
    """Everything that must not depend on what was done to the workers."""

    view: View
    records: dict[tuple[int, bytes], bytes | None]
    positions: dict[int, dict[str, int]]
    letters: list[tuple[bytes | None, bytes]]  # key and reason, as often as they were written


async def settled(application: Application, seconds: float = 60) -> Outcome:
    """What there is once all sources are applied, committed and in the figures."""
    await application.caught_up(seconds)
    view = await settled_view(application, seconds)
    rows = await application.last_rows()
    heads = {number: value for (number, key), value in rows.items() if key == head.KEY}
    letters = [
        (row.key, dict(row.headers)["subpulse.reason"])
        for _, row in await application.rows(application.dead_letters)
    ]
    return Outcome(
        view,
        {place: value for place, value in rows.items() if place[1] != head.KEY},
        {n: {t: p.next for t, p in head.unpack(value).positions.items()} for n, value in heads.items()},
        sorted(letters),
    )


async def settled_view(application: Application, seconds: float = 60) -> View:
    """What all partitions add up to, once the newest summaries are complete and of the newest instant."""
    definitions, limit = Definitions(), time.monotonic() + seconds
    while time.monotonic() < limit:
        board, began = Board(application.partitions, definitions.fingerprint()), time.time()
        for _, row in await application.rows(application.summaries):
            if row.key != TARGET_KEY:
                board.add(open_envelope(row.value))
        found = board.read(0).envelopes
        fresh = all(e.made_at > (began - 5) * 1e6 for e in found)
        if found and fresh and all(e.complete and e.as_of == board.watermark() for e in found):
            return view(total([Summary.unpack(e.summary) for e in found]), definitions)
        await asyncio.sleep(0.3)
    raise AssertionError(application.told())


async def until_applied(application: Application, records: int, seconds: float = 60) -> None:
    """Until the head records, which alone count, say that exactly so many records are applied."""
    limit, applied = time.monotonic() + seconds, 0
    while applied != records:
        assert time.monotonic() < limit, f"{applied} of {records}\n{application.told()}"
        await asyncio.sleep(0.2)
        heads = [v for (_, key), v in (await application.last_rows()).items() if key == head.KEY and v]
        applied = sum(p.next for value in heads for p in head.unpack(value).positions.values())


def figures_of(events: list[Sent], folder: Path) -> View:
    """What a replay of these events comes to, without any worker."""
    file = folder / "events"
    file.write_bytes(b"\n".join(event.value or b"" for event in events))
    found = replay(read_lines([str(file)], 1 << 20, None), Definitions(), MAX, time.time_ns() // 1_000)
    return view(found.summary, Definitions())
