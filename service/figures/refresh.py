"""The refresh: every few seconds the figures of the own partitions, at an instant common to all workers."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from service.figures.clock import Clock
from service.figures.computing import Computing
from service.figures.guidance import Guidance, Guide
from service.figures.rhythm import Rhythm
from service.figures.summaries import Summaries
from service.figures.watching import Watching, say_with_next_checkpoint
from service.now import now_micros
from service.stream.owned import Owned
from service.stream.status import Status
from service.stream.store import Store
from service.stream.summary_rows import FORMAT, Envelope, Target, encode
from service.stream.telemetry import PartitionGauges, Telemetry

LISTEN = 1.0  # seconds between two questions

log = logging.getLogger("subpulse.stream")


class Noted(NamedTuple):
    """What a summary does not say of its partition, as noted before its facts were brought up to date."""

    owned: Owned
    watermark: int | None
    complete: bool


class Refresher:
    """Computes summaries of the own partitions and hands them to the next checkpoint.

    1. choose the instant: the wall clock floored to the interval, or the target of the event clock
    2. note watermark and completeness; then, slice by slice, draw on the loop what changed and take it into
       the facts in the refresh thread: they hold at least what was noted
    3. in the refresh thread: the summaries, and what there is to say of single customers
    4. back on the loop: find out how far away the next refresh has to be, hand over the envelopes of
       partitions that are still ours, and what was found; figures of now do not wait for the next
       checkpoint
    5. ask where the sources end now: what is read up to there makes the next refresh complete
    """

    def __init__(
        self,
        store: Store,
        summaries: Summaries,
        guide: Guide,
        computing: Computing,
        clock: Clock,
        *,
        fingerprint: str,
        interval: float,
        telemetry: Telemetry,
        status: Status,
        generation: Callable[[], int],
        want_positions: Callable[[], None],
        marks_kept: int,
        watching: Watching,
        url: str = "",
    ) -> None:
        """`fingerprint`: of the settings that change figures; `marks_kept`: how long those who were erased
        are known again, in microseconds of the clock; `url`: where other workers can reach this one."""
        self._store, self._summaries, self._guide = store, summaries, guide
        self._computing, self._fingerprint = computing, fingerprint
        self._clock, self._rhythm = clock, Rhythm(int(interval * 1e6), now_micros())
        self._telemetry, self._status = telemetry, status
        self._generation, self._want_positions, self._url = generation, want_positions, url
        self._marks_kept, self._watching = marks_kept, watching
        self._kept_up = 0.0  # CPU seconds, since the last refresh

    async def run(self) -> None:
        """Refresh for ever, at multiples of the interval that the slowest worker needs, and as soon as
        partitions are taken; not before what was told by others is known, for the owner of partition 0 tells
        it on."""
        await self._summaries.caught_up.wait()
        while True:
            taken = await self._store.taken_within(self._rhythm.pause(now_micros()))
            needed = self._rhythm.needed
            step = max(needed, self._summaries.board.slowest(needed))
            self._status.refresh_every = step / 1e6
            caught_up = all(owned.complete() for owned in self._store.parts.values())
            if (instant := self._rhythm.due(now_micros(), step, caught_up, taken)) is not None:
                await self.tick(instant)
            else:
                await self._keep_up()

    async def _keep_up(self) -> None:
        for number in list(self._store.parts):
            owned = self._store.parts.get(number)  # it may be gone meanwhile, or another
            if owned is not None:
                try:
                    self._kept_up += await self._computing.keep_up(owned)
                except Exception as error:
                    self._failed([owned], error)

    async def listen(self) -> None:
        """Ask the broker something now and then: refreshes may be far apart, and health wants to know."""
        while True:
            await asyncio.sleep(LISTEN)
            if await self._summaries.source_ends([0]) is not None:
                self._status.saw_broker()

    async def tick(self, floored: int) -> None:
        """One refresh, at the wall clock `floored` or at the event clock's target."""
        parts = list(self._store.parts.values())
        as_of, ours = self._clock.choose(floored)
        if ours and as_of is not None:
            self._store.parts[0].target = encode(Target(FORMAT, as_of))
        try:
            if parts and as_of is not None:
                await self._compute(parts, as_of)
            self._status.refreshed()
        except Exception as error:
            self._failed(parts, error)
        await self._look_at_sources()
        self._gauge()
        await self._summaries.merge()

    async def _compute(self, parts: list[Owned], as_of: int) -> None:
        began = time.monotonic()
        notes = [Noted(owned, owned.records.watermark, owned.complete()) for owned in parts]
        spent = sum([await self._computing.follow(owned) for owned in parts]) + self._kept_up
        self._kept_up = 0.0
        questions = [self._watching.ask(noted.owned, noted.complete) for noted in notes]
        known = self._summaries.board.thresholds_told()
        asked = list(zip(parts, questions, strict=True))
        business = self._watching.business(known)
        found, seconds = await self._computing.compute(asked, as_of, known, business)
        self._rhythm.learn(spent + seconds + self._summaries.spent, all(noted.complete for noted in notes))
        guidance = await self._guide.next(self._rhythm.needed) if 0 in self._store.parts else Guidance()
        for noted, question, computed in zip(notes, questions, found, strict=True):
            if noted.complete:
                noted.owned.records.forget_erasures(as_of, self._marks_kept)
            self._put_up_summary(
                noted, as_of, computed.summary, guidance if noted.owned.number == 0 else Guidance()
            )
            say_with_next_checkpoint(noted.owned, question, computed.look)
        self._telemetry.refresh.observe(time.monotonic() - began)
        if all(noted.complete for noted in notes):
            await self._store.save()

    def _failed(self, parts: list[Owned], error: Exception) -> None:
        """Go on counting events: the records are sound. Facts may be half new, so all are made anew; the last
        figures stay, with their instant, and health tells."""
        told = type(error).__name__  # its words may hold a customer's data, and health is for many eyes
        if self._status.refresh_failed != told:
            log.error("figures cannot be computed, trying again; please report this", exc_info=error)
        self._status.refresh_failed = told
        for owned in parts:
            owned.forget_facts()
        self._rhythm.failed()

    def _put_up_summary(self, noted: Noted, as_of: int, summary: bytes, guidance: Guidance) -> None:
        owned = noted.owned
        if self._store.parts.get(owned.number) is not owned:
            return  # let go meanwhile
        owned.summary = encode(
            Envelope(
                format=FORMAT,
                fingerprint=self._fingerprint,
                generation=self._generation(),
                partition=owned.number,
                as_of=as_of,
                made_at=now_micros(),
                interval=self._rhythm.needed,
                watermark=noted.watermark,
                complete=noted.complete,
                summary=summary,
                url=self._url,
                days=owned.days.holding,
                thresholds=guidance.thresholds,
                models=guidance.models,
            )
        )

    def _gauge(self) -> None:
        self._telemetry.partitions = {
            number: PartitionGauges(owned.records.customers_held, owned.records.watermark, owned.lag())
            for number, owned in self._store.parts.items()
        }

    async def _look_at_sources(self) -> None:
        parts: Mapping[int, Owned] = dict(self._store.parts)
        ends = await self._summaries.source_ends(sorted(parts))
        if ends is None:
            return
        self._status.saw_broker()
        for number, owned in parts.items():
            owned.source_ends = ends[number]
        self._want_positions()
