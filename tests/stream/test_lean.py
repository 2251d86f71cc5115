"""The private hook of aiokafka: used where it is as expected, done without where it is not."""

import sys
from pathlib import Path

import pytest
from aiokafka.consumer.fetcher import PartitionRecords

from service.stream import lean
from tests.stream.application import Worker
from tests.stream.conftest import NewApplication
from tests.stream.events import storm
from tests.stream.outcome import settled

SCRIPT = str(Path(__file__).with_name("plain_worker.py"))


def test_this_aiokafka_has_the_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartitionRecords, "_consumer_record", PartitionRecords._consumer_record)
    assert lean.install()
    record = object()
    assert PartitionRecords._consumer_record(None, None, record) is record


def test_another_shape_of_the_hook_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(self: object, tp: object, record: object, more: object) -> None: ...

    monkeypatch.setattr(PartitionRecords, "_consumer_record", other)
    assert not lean.install()
    assert PartitionRecords._consumer_record is other


async def test_without_the_hook_figures_and_letters_are_the_same(applications: NewApplication) -> None:
    plain = applications()
    await plain.create()
    plain.send(storm(5_000, 31, bad=0.01))
    plain.workers.append(Worker(plain.environment, plain.folder / "plain.log", [sys.executable, SCRIPT]))
    usual = applications(sources=plain.sources)
    await usual.create()
    usual.start()
    assert await settled(plain) == await settled(usual)
    assert "slower" in plain.workers[0].text()
