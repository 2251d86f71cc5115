"""Magnet products told by real workers on a real broker, who go by common thresholds: against the oracle."""

import asyncio
import json
import time

from tests.oracle.differences import differences
from tests.oracle.instants import instant
from tests.oracle.labels import Figures
from tests.oracle.recompute import recompute
from tests.oracle.telling import placed
from tests.oracle.test_magnets import basket, lifts, shop
from tests.stream.application import Application, Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent

OPTIONS = {"windows": ("24h",), "magnet_skus": 64}


def sent(story: list[dict]) -> list[Sent]:
    kinds = {"order.placed": "orders", "customer.erased": "customers"}
    return [
        Sent(kinds[event["type"]], event["customer_id"].encode(), json.dumps(event).encode())
        for event in story
    ]


async def until_told(application: Application, workers: list[Worker], expected: Figures) -> None:
    """Until each of the workers tells just that."""
    limit = time.monotonic() + 150
    while True:
        found = [lifts(await worker.figures()) for worker in workers]
        if not any(differences(expected, figures, 1e-12) for figures in found):
            return
        assert time.monotonic() < limit, application.told()
        await asyncio.sleep(0.5)


async def test_workers_agree_on_who_spends_much_also_after_one_has_been_killed(
    applications: NewApplication,
) -> None:
    settings = {"magnet_skus": "64", "windows": "24h", "refresh_interval": "0.5"}
    application = applications(partitions=2, settings=settings)
    await application.create()
    story = [event for event in shop(3) if event["type"] == "order.placed"]
    application.send(sent(story))
    as_of = max(instant(event["occurred_at"]) for event in story)
    first, second = application.start(), application.start()
    expected = lifts(recompute(story, as_of, **OPTIONS))
    assert len(expected) >= 15
    await until_told(application, [first, second], expected)

    others = [
        placed("o", "2025-09-01", f"{900 + n} EUR", f"late {n}", items=basket("late", "sku 20"))
        for n in range(120)  # so many that those who spent most do so no longer
    ]
    first.kill()
    application.send(sent(others))
    expected = lifts(recompute([*story, *others], as_of, **OPTIONS))
    assert ("subpulse_magnet_lift", frozenset({("sku", "late")})) in expected
    await until_told(application, [second, application.start()], expected)
