"""Two workers with one instance_id put each other out again and again; the last line says what to mend."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import CommitFailedError, ProducerFenced

from service.stream.status import Status
from service.stream.store import Store
from service.stream.telemetry import Telemetry
from tests.stream.holder import EndedError, ends_raise


@pytest.mark.parametrize("instance_id", ["worker-1", None])
@pytest.mark.parametrize("error", [ProducerFenced, CommitFailedError])
async def test_who_is_put_out_by_a_newer_producer_is_told_of_the_instance_id_it_has(
    monkeypatch: pytest.MonkeyPatch, instance_id: str | None, error: type[Exception]
) -> None:
    async def refuse(owned: Any) -> bool:
        raise error

    checkpoint: Any = SimpleNamespace(save=refuse)
    store = Store(lambda number: None, checkpoint, None, Telemetry.of([]), Status(), instance_id)  # type: ignore[arg-type,return-value]
    store.parts = {0: SimpleNamespace(moved=True, unwritten=1)}  # type: ignore[dict-item]
    with ends_raise(monkeypatch), pytest.raises(EndedError) as ended:
        await store.save()
    assert ended.value.code == 75
    told = instance_id is not None and error is ProducerFenced
    assert ("same instance_id ('worker-1')" in ended.value.why) == told
