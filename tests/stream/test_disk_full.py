"""The broker's disk is full: workers wait and say so; once there is room, everything is as it should be."""

import asyncio
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.embedded import Broker
from service.embedded.ports import free_port
from tests.stream.conftest import NewApplication
from tests.stream.events import storm
from tests.stream.health import ready, told, until
from tests.stream.outcome import figures_of, settled_view

ROOM = 400_000  # bytes of each of the broker's files
INDEX = {"log.index.size.max.bytes": "65536"}  # made at full length, so they have to be smaller than that


@pytest.fixture
def frugal_broker() -> Iterator[Broker]:
    with Broker(overrides=INDEX) as running:
        yield running


@pytest.mark.platform_specific
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the files of a running process")
@pytest.mark.timeout(400)
async def test_a_full_disk_ends_the_broker_in_mid_checkpoint_and_with_room_everything_is_counted_once(
    frugal_broker: Broker, applications: NewApplication, tmp_path: Path
) -> None:
    settings = {"patience": "2", "http_port": str(free_port())}
    application = applications(bootstrap=frugal_broker.bootstrap, settings=settings, partitions=1)
    await application.create()
    events = list(storm(10_000, 31, customers=2_000, bad=0))
    application.send(events)
    assert frugal_broker.pid is not None
    resource.prlimit(frugal_broker.pid, resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))
    worker = application.supervised()
    assert await asyncio.to_thread(frugal_broker.wait) == 1
    why = frugal_broker.why_it_ended()
    assert f"could not write to {frugal_broker.data_dir} (File too large): make room" in why
    changelog = frugal_broker.data_dir / "kafka" / f"{application.changelog}-0"
    assert [file for file in changelog.glob("*.log") if file.stat().st_size]
    await until(application, told("the broker has not answered for"), steady=False)

    await asyncio.to_thread(frugal_broker.start)  # a new process, without the limit
    await application.caught_up()
    await until(application, ready, steady=False)
    assert await settled_view(application) == figures_of(events, tmp_path)
    assert worker.stop()[0] == 0
    assert "Traceback" not in worker.text()
