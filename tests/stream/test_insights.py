"""What is said of single customers, on a real broker: each thing once, whoever is killed when."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import aiohttp

from schemas.insights import CustomerChurned
from service.domain.insights import Rules
from service.settings import Settings
from service.stream.topics import wanted_by
from tests.oracle.instants import instant as micros
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent, event, instant
from tests.stream.holder import Holder

SINCE = "2025-01-01T00:00:00Z"
EUR = {"minor": 900, "currency": "EUR"}
RULES = Rules(days=300)


def lost(customers: range, day: float) -> Iterator[Sent]:
    """Customers who came, and leave on a day."""
    for number in customers:
        who, own = f"c-{number}", {"subscription_id": "s"}
        terms = {"plan": "pro", "price": EUR, "interval": "month", **own}
        yield event("subscriptions", "subscription.started", who, 1, event_id="a", **terms)
        yield event("subscriptions", "subscription.ended", who, day, event_id="b", reason="price", **own)


async def told(application: Application) -> list[dict[str, Any]]:
    """What a CRM reads: committed, in the order of each partition; it fits the contract."""
    rows = [row for _, row in await application.rows(application.insights)]
    for row in rows:
        assert CustomerChurned.model_validate_json(row.value).event_id == row.key.decode()
    return [json.loads(row.value) for row in rows]


def names(insights: list[dict[str, Any]]) -> Counter[str]:
    return Counter(insight["customer_id"] for insight in insights)


def everybody(customers: range) -> Counter[str]:
    return Counter(f"c-{number}" for number in customers)


async def until_told(application: Application, count: int) -> list[dict[str, Any]]:
    limit = time.monotonic() + 180
    while len(found := await told(application)) < count:
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.2)
    return found


async def counted(worker: Worker) -> float:
    async with aiohttp.ClientSession(worker.address) as client, client.get("/metrics") as answer:
        text = await answer.text()
    return float(re.findall(r'subpulse_insights_total\{kind="customer.churned"\} (\S+)', text)[0])


async def test_whoever_is_killed_between_look_and_checkpoint_or_in_the_middle_of_it_says_nothing_twice(
    applications: NewApplication,
) -> None:
    application = applications(partitions=2, settings={"insights": "true"})
    await application.create()
    as_of, since = micros(instant(20)), micros(SINCE)
    application.send(lost(range(40), 10))
    first = Holder(application, rules=RULES)
    await first.take()
    await first.read()
    await first.save()
    first.look(as_of, since)
    await first.vanish()  # found, and not said

    second = Holder(application, rules=RULES)
    await second.take()
    second.look(as_of, since)
    for owned in second.held:
        owned.producer.commit_transaction = second.vanish  # said, and not committed
    saving = asyncio.ensure_future(second.save())
    await asyncio.wait({saving}, timeout=2)
    saving.cancel()
    assert await told(application) == []

    third = Holder(application, rules=RULES)
    await third.take()
    third.look(as_of, since)
    await third.save()
    assert names(await told(application)) == everybody(range(40))
    application.send(lost(range(40, 50), 15))
    await third.read()
    third.look(as_of, since)
    await third.save()
    await third.vanish()

    fourth = Holder(application, rules=RULES)
    await fourth.take()
    for _ in range(2):
        fourth.look(as_of, since)
        await fourth.save()
    assert names(await told(application)) == everybody(range(50))
    await fourth.vanish()


async def test_workers_say_each_thing_once_though_they_are_killed(applications: NewApplication) -> None:
    settings = {"insights": "true", "insights_since": SINCE, "refresh_interval": "0.3"}
    application = applications(partitions=2, settings=settings)
    await application.create()
    application.send(lost(range(100), 10))
    worker = application.start()
    await until_told(application, 1)
    worker.kill()
    application.send(lost(range(100, 200), 12))
    worker = application.start()
    await until_told(application, 200)
    application.send(lost(range(200, 300), 14))
    found = await until_told(application, 300)
    assert names(found) == everybody(range(300))
    assert len({insight["event_id"] for insight in found}) == 300
    assert {(i["plan"], i["reason"], i["reason_class"]) for i in found} == {("pro", "price", "voluntary")}
    assert await counted(worker) >= 100


def test_the_topic_is_made_only_where_insights_are_wanted() -> None:
    def made(settings: Settings) -> set[str]:
        return {topic.name for topic in wanted_by(settings)}

    assert made(Settings(insights=True)) - made(Settings()) == {"subpulse-insights"}
