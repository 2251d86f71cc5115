"""What a worker process does with its partitions, step by step and without Faust."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, ClassVar, NoReturn, Self, get_args

import pytest
from aiokafka import TopicPartition

from schemas.topics import Kind
from service.domain.insights import Business, Rules, Watcher
from service.domain.metrics import Definitions
from service.domain.metrics.moment import Moment
from service.domain.records import Limits
from service.domain.records.customer import EVER
from service.figures.computing import take_in
from service.figures.watching import Watching, looked, say_with_next_checkpoint
from service.stream import store as stores
from service.stream.checkpoint import Checkpoint
from service.stream.credits import CreditIntake
from service.stream.intake import Intake
from service.stream.owned import Owned
from service.stream.recovery import Recovery
from service.stream.source import Source
from service.stream.status import Status
from service.stream.store import Store
from service.stream.telemetry import Telemetry
from tests.stream.application import Application, reader_of, settled_ends

LARGEST = 1 << 20  # bytes of a record


class EndedError(Exception):
    """The process would have ended here."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(code, why)
        self.code, self.why = code, why


@contextmanager
def ends_raise(monkeypatch: pytest.MonkeyPatch, where: ModuleType = stores) -> Iterator[None]:
    """Where a process would end, EndedError is raised: then nothing may be done with its holder any more."""

    def ended(code: int, why: str) -> NoReturn:
        raise EndedError(code, why)

    with monkeypatch.context() as patch:
        patch.setattr(where, "end", ended)
        yield


async def nobody_hears(*arguments: Any, **named: Any) -> NoReturn:
    """Send a request as a process does that is gone."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


class Holder:
    """One process, in the middle of whose steps a test can do what it likes."""

    everyone: ClassVar[list["Holder"]] = []

    def __init__(
        self, application: Application, bootstrap: str | None = None, rules: Rules | None = None
    ) -> None:
        """`rules`: of insights, where they are wanted."""
        self.everyone.append(self)
        self.application = application
        client = {"bootstrap_servers": bootstrap or application.bootstrap}
        names, group = application.sources, application.name
        own = (application.changelog, application.dead_letters, application.summaries)
        telemetry, credits = Telemetry.of(list(names.values())), application.credited
        secret = application.settings.get("erasure_secret", "").encode()
        self.store = Store(
            lambda number: Owned(
                number,
                Limits(),
                secret,
                referral_ranks=credits is not None,
                watcher=Watcher(rules) if rules else None,
            ),
            Checkpoint(
                client, group, *own, insights=application.insights if rules else None, credits=credits
            ),
            Recovery(client, group, application.changelog, tuple(names.values()), credits=credits),
            telemetry,
            Status(),
        )
        self.intakes: dict[str, Source] = {
            names[kind]: Intake(kind, names[kind], telemetry, lambda: EVER, 1 << 20)
            for kind in get_args(Kind)
        }
        if credits is not None:
            self.intakes[credits] = CreditIntake(credits, lambda: application.changelog)
        self.held: list[Owned] = []

    @classmethod
    async def up_to_date(cls, application: Application) -> Self:
        """A process that has taken all partitions, read everything and saved it."""
        holder = cls(application)
        await holder.take()
        await holder.read()
        await holder.save()
        return holder

    @classmethod
    async def all_vanish(cls) -> None:
        """Clear up after a test."""
        while cls.everyone:
            await cls.everyone.pop().vanish()

    async def take(self) -> None:
        """All partitions, as when the group has assigned them."""
        await self.store.take(range(self.application.partitions))
        self.held = list(self.store.parts.values())

    async def read(self, most: int = 1_000_000) -> int:
        """Read the sources on from what the state holds, at most so many records of each; how many."""
        count, bootstrap = 0, self.application.bootstrap
        tps = [TopicPartition(topic, number) for topic in self.intakes for number in self.store.parts]
        async with reader_of(bootstrap) as reader:
            ends = await settled_ends(bootstrap, tps)
            for owned in self.store.parts.values():
                for topic, intake in self.intakes.items():
                    tp = TopicPartition(topic, owned.number)
                    reader.assign([tp])
                    start, end = owned.resume_at.get(topic, 0), ends[tp]
                    reader.seek(tp, start)
                    while await reader.position(tp) < min(end, start + most):
                        rows = (await reader.getmany(tp, timeout_ms=500, max_records=most)).get(tp, [])
                        if rows:
                            intake.take(owned, rows)
                            count += len(rows)
                    owned.passed[topic] = (owned.resume_at.get(topic, 0), await reader.position(tp))
        return count

    def look(self, as_of: int, since: int) -> None:
        """Find what there is to say of single customers."""
        watching, business = Watching(dict, since), Business({}, None)
        for owned in self.held:
            owned.drafts.append(owned.records.draw())
            take_in(owned)
            question = watching.ask(owned, complete=True)
            found = looked(owned, Moment(owned.facts, as_of, Definitions()), question, business)
            say_with_next_checkpoint(owned, question, found)

    async def save(self) -> None:
        """One checkpoint."""
        await self.store.save()

    @property
    def producer(self) -> Any:
        """The producer of the first partition."""
        return self.held[0].producer

    async def vanish(self) -> None:
        """Be gone, as a process that ended: nothing is flushed, nothing tried again."""
        for owned in self.held:
            owned.producer.client.send = nobody_hears  # what is under way would go on trying
            owned.producer._sender.sender_task.cancel()
            await owned.producer.client.close()
            owned.producer._closed = True
        self.held = []
