"""An erasure from end to end: what is left of a person on the broker's disk, and in a worker's memory."""

import asyncio
import gc
import json
import sys
import time
import types
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from service.embedded import Broker
from service.letters.erasing import Shredder
from service.letters.reading import Box
from service.letters.selection import Selection
from tests.endurance.faults import EAGER, configure
from tests.stream.application import Application
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent, event, order
from tests.stream.holder import Holder

SECONDS = 90.0  # patience with the broker's cleaner


def life(person: str) -> list[Sent]:
    """What a person does, with identifiers that would tell who it was."""
    owned = f"subscription of {person}"
    return [
        *(order(person, n, n) for n in range(30)),
        event("orders", "order.refunded", person, 40, event_id=f"r {person}", order_id="order-3", amount=EUR),
        event(
            *("subscriptions", "subscription.started", person, 1),
            event_id=f"s {person}",
            subscription_id=owned,
            plan="pro",
            price=EUR,
            interval="month",
        ),
        event(
            "subscriptions", "subscription.ended", person, 41, event_id=f"e {person}", subscription_id=owned
        ),
        event("customers", "customer.invited", person, 2, event_id=f"i {person}", invitee="a friend"),
        event("customers", "customer.signed_up", "a friend", 3, event_id="f", referred_by=person),
    ]


EUR = {"minor": 900, "currency": "EUR"}


def unusable(person: str) -> list[Sent]:
    """Records that become dead letters and name the person somewhere."""
    return [
        Sent("orders", person.encode(), b'{"broken'),
        Sent("customers", person.encode(), None),
        Sent("orders", b"a stranger", json.dumps({"customer_id": person, "type": "nonsense"}).encode()),
        event("customers", "customer.signed_up", "a friend", 3, referred_by=person),  # without an event_id
        Sent("subscriptions", b"nobody", f'{{"customer_id":"{person}", "type":'.encode()),
    ]


def others(number: int) -> list[Sent]:
    """Good and bad records of other people, on all partitions."""
    names = [f"other {n}" for n in range(12)]
    bad = [Sent("orders", name.encode(), b"no JSON") for name in names]
    return [*(order(name, number, 5) for name in names), *bad]


def erasure(person: str, day: float = 100) -> Sent:
    return event("customers", "customer.erased", person, day, event_id="please")


async def waiting(application: Application) -> list[Any]:
    box = Box({"bootstrap_servers": application.bootstrap}, application.dead_letters)
    return await box.waiting(Selection())


async def test_after_an_erasure_and_compaction_no_byte_of_the_person_is_on_the_brokers_disk(
    broker: Broker, applications: NewApplication
) -> None:
    told = {"insights": "true", "insights_since": "2025-01-01T00:00:00Z"}
    application, person = applications(partitions=2, settings=told), f"person-{uuid.uuid4().hex}"
    await application.create()
    for topic in (application.changelog, application.dead_letters, application.summaries):
        await configure(broker.bootstrap, topic, EAGER)
    await configure(broker.bootstrap, application.insights, {**EAGER, "cleanup.policy": "compact,delete"})
    application.send([*life(person), *unusable(person), *others(0)])
    application.send([order(person, 77, 7)], partition=0)  # on one of them it is astray
    application.send([order(person, 77, 7)], partition=1)
    application.start()
    await application.caught_up()
    limit = time.monotonic() + SECONDS
    while not await application.rows(application.insights):
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.2)
    assert {place(path) for path in holding(broker, person)} == {
        *application.sources.values(),
        application.changelog,
        application.dead_letters,
        application.insights,
    } - {application.sources["marketing"]}
    application.send([erasure(person)])
    limit, number = time.monotonic() + SECONDS, 1
    own = {application.sources["marketing"], *application.sources.values()}
    while left := {place(path) for path in holding(broker, person)} - own:
        assert time.monotonic() < limit, f"still in {left}; {application.told()}"
        application.send(others(number))  # segments are closed when something is written
        application.send(order(f"lost {number} {n}", n, 1) for n in range(6))  # so something is said of them
        number += 1
        await application.caught_up()
        await asyncio.sleep(0.5)
    assert {letter.story.key for letter in await waiting(application)} == {
        f"other {n}".encode() for n in range(12)
    }
    rows = await application.last_rows()
    assert sum(key.startswith(b"cerased-") and value is not None for (_, key), value in rows.items()) == 1
    assert person not in "".join(worker.text() for worker in application.workers)


def holding(broker: Broker, text: str) -> Iterator[Path]:
    """The broker's files, of all topics, in which these bytes are."""
    for path in (broker.data_dir / "kafka").rglob("*"):
        try:
            if path.is_file() and text.encode() in path.read_bytes():
                yield path
        except FileNotFoundError:  # deleted meanwhile
            continue


def place(path: Path) -> str:
    """The topic that a file belongs to; of a partition that is about to be deleted too."""
    return path.parent.name.rsplit("-", 1)[0]


async def test_whoever_is_killed_between_two_steps_of_an_erasure_leaves_all_of_it_or_nothing(
    applications: NewApplication,
) -> None:
    application, person = applications(partitions=1), f"person-{uuid.uuid4().hex}"
    await application.create()
    application.send([*life(person), *unusable(person)])
    first = await Holder.up_to_date(application)
    application.send([erasure(person)])
    await first.read()
    await first.vanish()  # applied, and not written

    second = Holder(application)
    await second.take()
    assert second.held[0].records.customer(person)
    assert await second.read() == 1
    await second.save()
    assert not second.held[0].records.customer(person)
    assert len(await waiting(application)) == 5
    await shredder(second).look()
    await second.vanish()  # found, and not deleted

    third = Holder(application)
    await third.take()
    assert not third.held[0].records.customer(person)
    assert len(await waiting(application)) == 5
    await shredder(third).look()
    await third.save()
    assert await waiting(application) == []
    assert third.held[0].records.traces_wanted() == {}
    application.send([*life(person), erasure(person)])  # read again: all of it is known for what it is
    await third.read()
    assert third.held[0].records.customers_held == 2  # the surrogate and the friend
    await third.vanish()


def shredder(holder: Holder) -> Shredder:
    application = holder.application
    client = {"bootstrap_servers": application.bootstrap}
    marketing = application.sources["marketing"]
    return Shredder(client, application.dead_letters, marketing, application.insights, holder.store)


async def test_no_live_object_of_a_worker_holds_an_erased_name(applications: NewApplication) -> None:
    application, person = applications(partitions=1), f"person-{uuid.uuid4().hex}"
    await application.create()
    holder = Holder(application)
    await holder.take()
    (owned,) = holder.held
    application.send([*life(person), *(order(person, n, 50) for n in range(100, 1_500)), *unusable(person)])
    await holder.read()
    owned.facts.update(owned.records.draw())
    await holder.save()
    application.send([order(person, 2_000, 60), *unusable(person)])  # not drawn and not saved
    await holder.read()
    assert named(holder, person)
    application.send([erasure(person), order(person, 3_000, 70), *others(0)])  # and one that is too late
    await holder.read()
    owned.facts.update(owned.records.draw())
    await shredder(holder).look()
    await holder.save()
    assert len(await waiting(application)) == 12
    assert owned.records.customers_held == 14
    gc.collect()
    assert named(holder, person) == []
    for name, module in list(sys.modules.items()):
        if name.startswith(("service.", "schemas.")):
            assert named(module, person) == [], name
    await holder.vanish()


def named(root: Any, text: str) -> list[Any]:
    """Strings and bytes that hold a text, wherever they are reached from `root`: attributes, containers,
    closures, structs and arrays, but neither other modules nor the client library."""
    found, seen, todo = [], set[int](), [root]
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, (str, bytes, bytearray, memoryview, np.ndarray)):
            raw = thing.encode(errors="replace") if isinstance(thing, str) else bytes(thing)
            if text.encode() in raw:
                found.append(thing)
        elif isinstance(thing, types.FunctionType):  # its globals are its module's, and that is another's
            todo += [thing.__closure__, thing.__defaults__, thing.__kwdefaults__, thing.__dict__]
        elif isinstance(thing, msgspec.Struct):
            todo += [getattr(thing, name) for name in thing.__struct_fields__]
        elif not foreign(thing) or thing is root:
            todo += gc.get_referents(thing)
    return found


def foreign(thing: Any) -> bool:
    """Whether it is none of ours to look into: modules, the test's own, the Kafka client, what pytest keeps
    of logs (which other tests read)."""
    if isinstance(thing, (types.ModuleType, types.FrameType)):
        return True
    home = thing.__module__ if isinstance(thing, type) else type(thing).__module__
    return str(home).partition(".")[0] in (
        "aiokafka",
        "asyncio",
        "logging",
        "tests",
        "_pytest",
        "pytest",
        "kafka",
    )
