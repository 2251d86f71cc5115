"""Who brought whom, told from partition to partition on a real broker: exact through crashes."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from service.domain.facts import Facts
from service.domain.records import UnknownFormatError
from service.domain.records.credits import Credit
from service.partitioner import partition_of
from service.settings import Settings
from service.stream import credits
from service.stream.endings import PERSON_NEEDED
from service.stream.sharing import Deployment, SharedNameError, refuse_to_share
from service.stream.topics import wanted_by
from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.labels import Figures
from tests.oracle.people import gather
from tests.oracle.recompute import recompute
from tests.oracle.telling import event, placed
from tests.stream.application import Application, Worker, admin_of
from tests.stream.commands import subpulse
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent
from tests.stream.holder import EndedError, Holder, ends_raise

SETTINGS = {"referral_ranks": "true", "erasure_secret": "a secret of the tests"}
PEOPLE = [f"customer-{number}" for number in range(60)]
OPTIONS = {"windows": ("24h",), "referral_ranks": True}


def story(seed: int, people: list[str] = PEOPLE) -> list[dict]:
    """Everybody orders, and most are brought by one of a few."""
    rng, events = random.Random(seed), []
    for name in people:
        day = f"2025-0{rng.randint(1, 8)}-{rng.randint(10, 28)}"
        events.append(event("customer.signed_up", day, name, referred_by=rng.choice(PEOPLE[:15])))
        events += [placed(f"o{n}", day, f"{rng.randint(1, 90)} EUR", name) for n in range(rng.randint(1, 4))]
    return events


def sent(events: list[dict]) -> list[Sent]:
    topics = {"order": "orders", "customer": "customers"}
    return [
        Sent(topics[e["type"].split(".")[0]], e["customer_id"].encode(), json.dumps(e).encode())
        for e in events
    ]


def ranked(figures: Figures) -> Figures:
    return {key: value for key, value in figures.items() if key[0].endswith("leading_and_lagging")}


def expected(events: list[dict]) -> Figures:
    return ranked(recompute(events, max(instant(e["occurred_at"]) for e in events), **OPTIONS))


def brought(*holders: Holder) -> dict[str, int]:
    """How many whom brought, by what a process holds."""
    found: dict[str, int] = {}
    for owned in [owned for holder in holders for owned in holder.held]:
        owned.records.undraw()
        facts = Facts()
        facts.update(owned.records.draw())
        counts = facts.credits.brought(1 << 62, facts.customers).tolist()
        found |= {name: counts[number] for number, name in facts.names(range(facts.customers)).items()}
    return found


def by_the_oracle(events: list[dict]) -> dict[str, int]:
    people = gather(events, max(instant(e["occurred_at"]) for e in events))
    return {name: person.brought for name, person in people.items()}


@pytest.fixture
async def application(applications: NewApplication) -> AsyncIterator[Application]:
    made = applications(partitions=2, settings={**SETTINGS, "windows": "24h", "refresh_interval": "0.5"})
    await made.create()
    yield made
    await Holder.all_vanish()


async def test_a_credit_counts_once_whoever_is_gone_before_or_after_it_is_heard(
    application: Application,
) -> None:
    events = story(1)
    application.send(sent(events))
    first = Holder(application)
    await first.take()
    await first.read()
    await first.vanish()  # nothing of it was saved, so nobody was told anything
    second = await Holder.up_to_date(application)
    await second.vanish()  # told, and heard by nobody
    third = Holder(application)
    await third.take()
    assert await third.read() == len(await application.rows(application.credits)) == len(PEOPLE)
    first_sign_up = min(instant(e["occurred_at"]) for e in events)
    assert min(owned.days.undrawn_from for owned in third.held) == first_sign_up  # figures of days change
    await third.vanish()  # heard, and not saved
    fourth = await Holder.up_to_date(application)
    assert brought(fourth) == by_the_oracle(events)
    await fourth.vanish()
    fifth = Holder(application)
    await fifth.take()
    assert await fifth.read() == 0
    assert brought(fifth) == by_the_oracle(events)
    assert len(await application.rows(application.credits)) == len(PEOPLE)


async def test_nobody_else_may_write_what_partitions_tell_each_other(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AIOKafkaProducer(bootstrap_servers=application.bootstrap) as producer:
        await producer.send_and_wait(application.credits, b"{}", partition=0)
    holder = Holder(application)
    await holder.take()
    with (
        ends_raise(monkeypatch, credits),
        pytest.raises(EndedError, match=r"-credits-0, .* has format 7b, this") as end,
    ):
        await holder.read()
    assert end.value.code == PERSON_NEEDED


def test_a_record_of_the_next_format_is_refused_whatever_it_holds_and_one_that_is_torn_too() -> None:
    ((_, row),) = credits.by_place([(0, Credit(b"r" * 8, b"t" * 8, 5))], "log")[0]
    assert [*credits.unpacked([row], "log")] == [Credit(b"r" * 8, b"t" * 8, 5)]
    one_field_more = msgspec.msgpack.encode([*msgspec.msgpack.decode(row[1:]), "more"])
    with pytest.raises(UnknownFormatError, match="a record has format 02, this version reads 01"):
        [*credits.unpacked([b"\x02" + one_field_more], "log")]
    with pytest.raises(UnknownFormatError, match="a record is unreadable"):
        [*credits.unpacked([row[:-3]], "log")]


async def test_a_rebuild_hears_nothing_twice_and_a_step_back_nothing_that_came_after_it(
    application: Application,
) -> None:
    base, events = application.changelog, story(2)
    application.send(sent(events))
    await (await Holder.up_to_date(application)).vanish()  # has heard nothing yet
    assert (await subpulse(application, "rebuild")).exit_code == 0
    application.changelog = f"{base}-2"
    rebuilt = Holder(application)
    await rebuilt.take()
    assert await rebuilt.read() == 0
    assert brought(rebuilt) == by_the_oracle(events)
    more = story(3, [f"newcomer-{number}" for number in range(20)])
    events += more
    application.send(sent(more))
    await heard_by(rebuilt)
    assert brought(rebuilt) == by_the_oracle(events)
    await rebuilt.vanish()

    application.changelog = base
    stepped_back = Holder(application)
    await stepped_back.take()
    await heard_by(stepped_back)
    assert brought(stepped_back) == by_the_oracle(events)
    await stepped_back.vanish()

    await application.grow(3)
    assert (await subpulse(application, "rebuild")).exit_code == 0
    application.changelog, application.partitions = f"{base}-3", 3
    grown = Holder(application)
    await grown.take()
    assert await grown.read() == 0
    assert brought(grown) == by_the_oracle(events)


async def heard_by(holder: Holder) -> None:
    """Everything that has been sent, and what partitions tell each other of it."""
    await holder.read()
    await holder.save()
    await holder.read()
    await holder.save()


async def test_who_switches_it_under_running_workers_is_told_before_any_harm_is_done(
    application: Application,
) -> None:
    reads = AIOKafkaConsumer(
        *application.sources.values(), bootstrap_servers=application.bootstrap, group_id=application.name
    )
    sources = tuple(application.sources.values())
    async with reads, admin_of(application.bootstrap) as admin:
        await reads.getmany(timeout_ms=500)
        await refuse_to_share(admin, Deployment(application.name, application.changelog, sources))
        switched = Deployment(application.name, application.changelog, sources, credits=application.credits)
        with pytest.raises(
            SharedNameError, match=r"-credits; .*referral_ranks was switched, stop all workers"
        ):
            await refuse_to_share(admin, switched)


def test_the_topic_is_made_only_where_customers_are_ranked_by_referral() -> None:
    ranks, plain = (wanted_by(Settings(**own)) for own in ({**SETTINGS, "referral_ranks": True}, {}))
    assert [topic.name for topic in ranks if topic not in plain] == ["subpulse-referrals"]


async def until_told(application: Application, worker: Worker, figures: Figures) -> None:
    limit = time.monotonic() + 150
    while differences(figures, ranked(await worker.figures()), 1e-12):
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.3)


async def test_workers_tell_the_ranks_of_the_oracle_also_when_one_is_killed_before_it_hears_of_a_sign_up(
    application: Application,
) -> None:
    events = story(4)
    application.send(sent(events))
    first, second = application.start(), application.start()
    await until_told(application, first, expected(events))
    assert len({key for key, value in expected(events).items() if value}) >= 4

    deaf = 0 if "took partitions [0]" in second.text() else 1
    more = brought_by_others(1 - deaf, deaf)
    assert expected([*events, *more]) != expected(events)
    second.freeze()
    before = len(await application.rows(application.credits))
    application.send(sent(more))
    limit = time.monotonic() + 60
    while len(await application.rows(application.credits)) < before + len(more):
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.1)
    second.kill()
    await until_told(application, application.start(), expected([*events, *more]))
    assert first.alive


def at(name: str) -> int:
    return partition_of(name.encode(), 2)


def brought_by_others(theirs: int, others: int) -> list[dict]:
    """Sign-ups on one partition that name those on another who had brought nobody."""
    names = [name for name in (f"stranger-{number}" for number in range(60)) if at(name) == theirs]
    referrers = [name for name in PEOPLE[15:] if at(name) == others][:4]
    return [
        event("customer.signed_up", "2025-09-01", name, referred_by=referrers[number % 4])
        for number, name in enumerate(names)
    ]
