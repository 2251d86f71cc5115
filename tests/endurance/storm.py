"""One storm: set up, rage, settle, judge."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from schemas.instants import DAY, format_instant
from tests.endurance.course import Course
from tests.endurance.events import AS_OF, Load
from tests.endurance.ground import Ground, ground
from tests.endurance.plan import SHARE_OF_FIRST, Plan
from tests.endurance.schedule import Fault
from tests.endurance.verifier import Evidence, verify

FIRST_WORKERS = 3
SHRED_SECONDS = 120.0  # for the letters of erased customers
SETTLE_SECONDS = 600.0  # patience: the machine may have other things to do
FRESH_SECONDS = 3.0  # after the last commit, from when on summaries must be
LOOK_SECONDS = 1.0
QUIET_SECONDS = 8.0  # without a new insight, or the deletion of one: a refresh and a checkpoint take less
PAST = tuple(AS_OF - AS_OF % DAY - days * DAY - 1 for days in (0, 1, 5, 20))  # ends of days, as they are kept


class Storm:
    """`await Storm(plan, folder, tell).run()`; meanwhile `course` says how it goes."""

    def __init__(self, plan: Plan, folder: Path, tell: Callable[[str], None]) -> None:
        self.course = Course(plan)
        self._plan, self._folder, self._tell = plan, folder, tell

    async def run(self) -> Course:
        """Everything, from an empty folder to the verdict."""
        course = self.course
        load = await asyncio.to_thread(lambda: self._plan.load)
        course.total = len(load.all)
        self._enter("starting")
        async with ground(self._plan, self._folder) as there:
            course.ground, course.endings = there, there.workforce.endings
            answers, past = await self._rage(there, load)
            self._enter("verifying")
            for place in there.workforce.places:
                if place.running:
                    await there.workforce.stop(place)
            evidence = await self._evidence(there, answers, past)
            course.verdict = await asyncio.to_thread(verify, load.all, evidence)
            course.verdict.wrong += there.workforce.wrong
        self._enter("over")
        return course

    def _enter(self, phase: str) -> None:
        self.course.phase = phase
        self._tell(f"{self.course.elapsed:6.1f} s  {phase}")

    async def _rage(self, there: Ground, load: Load) -> tuple[dict[str, Any], dict[int, Any]]:
        """The storm itself; what the workers answer when everything has settled, of now and of the past."""
        self.course.began = time.monotonic()
        self._enter("raging")
        for place in there.workforce.places[:FIRST_WORKERS]:
            there.workforce.start(place)
        beside = [asyncio.ensure_future(task) for task in (there.workforce.keep(), self._watch(there))]
        try:
            zombie = asyncio.ensure_future(self._one_at_its_time(there, self._plan.last))
            await asyncio.gather(self._strike(there), self._pour(there, load))
            self._enter("settling")
            await self._applied(there)
            there.faults.settled.set()
            await zombie
            await self._applied(there)
            await self._shredded(there, load.shredded)
            self._enter("asking for the figures")
            answers, past = await self._answers(there), await self._past(there)
            await there.looking.quiet(there.application.insights, QUIET_SECONDS)
            return answers, past
        finally:
            for task in beside:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _strike(self, there: Ground) -> None:
        """Each fault at its time; several may be going on at once. Returns when all is mended."""
        async with asyncio.TaskGroup() as group:
            for fault in self._plan.faults:
                await asyncio.sleep(fault.at - self.course.elapsed)
                group.create_task(self._one(there, fault))
            await asyncio.sleep(self._plan.seconds - self.course.elapsed)

    async def _one_at_its_time(self, there: Ground, fault: Fault) -> None:
        await asyncio.sleep(fault.at - self.course.elapsed)
        await self._one(there, fault)

    async def _one(self, there: Ground, fault: Fault) -> None:
        course = self.course
        course.going_on[fault] = time.monotonic()
        done = await there.faults.strike(fault)
        del course.going_on[fault]
        (course.faults if done else course.idle)[fault.kind] += 1
        course.told.append(f"{fault.at:6.1f} s  {fault.kind}: {done or 'there was nobody to strike at'}")
        self._tell(course.told[-1])

    async def _pour(self, there: Ground, load: Load) -> None:
        """Each part of the events only when the one before is applied."""
        await there.sender.send(load.first, self._plan.seconds * SHARE_OF_FIRST)
        await self._applied(there)
        await there.sender.send(load.last, max(0.0, self._plan.seconds - self.course.elapsed))
        await self._applied(there)
        await there.sender.send(load.returning, 0.0)

    async def _watch(self, there: Ground) -> None:
        while True:
            await self._progress(there)
            await asyncio.sleep(LOOK_SECONDS)

    async def _progress(self, there: Ground) -> tuple[int, int]:
        """Source records applied, and all of them; what is not known now is 0 and 1."""
        try:
            ends = await there.looking.ends(*there.sources)
            applied = sum((await there.looking.committed(there.application.name)).values())
        except (KafkaError, OSError):
            return 0, 1
        self.course.applied = applied
        return applied, sum(ends.values())

    async def _applied(self, there: Ground) -> None:
        """Until all that was sent is applied and committed."""
        limit = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < limit:
            applied, ends = await self._progress(there)
            if applied == ends:
                return
            await asyncio.sleep(LOOK_SECONDS)
        self._tell(f"after {SETTLE_SECONDS:.0f} s not everything is applied")

    async def _shredded(self, there: Ground, count: int) -> None:
        """Until so many letters of erased customers are deleted, or it is clear that they will not be."""
        limit = time.monotonic() + SHRED_SECONDS
        while time.monotonic() < limit:
            letters = await there.looking.rows(there.application.dead_letters)
            if sum("subpulse.reason" not in row.headers for row in letters) >= count:
                return
            await asyncio.sleep(LOOK_SECONDS)
        self._tell(f"after {SHRED_SECONDS:.0f} s not all letters of erased customers are deleted")

    async def _answers(self, there: Ground) -> dict[str, Any]:
        """What each worker says of the business, once its summaries are newer than the last commit."""
        settled, limit = time.time() + FRESH_SECONDS, time.monotonic() + SETTLE_SECONDS
        found: dict[str, Any] = {}
        while time.monotonic() < limit:
            running = [place for place in there.workforce.places if place.running]
            found = {f"worker {p.number}": await asyncio.to_thread(figures, p.port) for p in running}
            fresh = [answer for answer in found.values() if answer and is_fresh(answer, settled)]
            if found and len(fresh) == len(found):
                return found
            await asyncio.sleep(LOOK_SECONDS)
        return {worker: answer or {} for worker, answer in found.items()}

    async def _past(self, there: Ground) -> dict[int, Any]:
        """What a worker says of some days ago, by instant; nothing where no daily history is kept."""
        days = PAST if self._plan.history_days else ()
        port = next((place.port for place in there.workforce.places if place.running), 0)
        limit, found = time.monotonic() + SETTLE_SECONDS, dict[int, Any]()
        for at in days:
            while not found.get(at) and time.monotonic() < limit:
                found[at] = await asyncio.to_thread(figures, port, f"?as_of={format_instant(at)}")
                await asyncio.sleep(LOOK_SECONDS)
        return found

    async def _evidence(self, there: Ground, answers: dict[str, Any], past: dict[int, Any]) -> Evidence:
        application, looking = there.application, there.looking
        changelog = await looking.rows(application.changelog)
        written = sum((await looking.ends(application.changelog)).values())
        self.course.rows = len(changelog), written
        return Evidence(
            partitions=self._plan.partitions,
            topics=application.sources,
            sources={kind: await looking.rows(topic) for kind, topic in application.sources.items()},
            letters=await looking.rows(application.dead_letters),
            changelog=changelog,
            ends=await looking.ends(*there.sources),
            committed=await looking.committed(application.name),
            answers=answers,
            past=past,
            days=len(await looking.rows(application.history)) if past else 0,
            insights=await looking.rows(application.insights),
        )


def figures(port: int, query: str = "") -> dict[str, Any]:
    """What a worker answers now; empty while it has no figures."""
    address = f"http://127.0.0.1:{port}/api/v1/figures{query}"
    try:
        with urllib.request.urlopen(address, timeout=10 if not query else 60) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except OSError:  # 503 too
        return {}


def is_fresh(answer: dict[str, Any], since: float) -> bool:
    """Whether an answer speaks of summaries that are complete and were all made after an instant."""
    return bool(answer["complete"]) and time.time() - answer["data_age_seconds"] > since
