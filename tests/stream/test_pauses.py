"""When a checkpoint is due."""

from types import SimpleNamespace
from typing import Any

import pytest

from service.stream import store as module
from service.stream.status import Status
from service.stream.store import REST, Store
from service.stream.telemetry import Telemetry

TOOK, LONGEST = 0.5, 10.0  # seconds


class Paused(Store):
    """One whose last checkpoint took half a second up to the instant 0, and which counts those to come."""

    def __init__(self, *complete: bool) -> None:
        unused: Any = None
        super().__init__(unused, unused, unused, Telemetry.of([]), Status(), None, LONGEST)
        parts: Any = {n: SimpleNamespace(complete=lambda one=one: one) for n, one in enumerate(complete)}
        self.parts, self.saves = parts, 0
        self._saved_at, self._save_took = 0.0, TOOK

    async def save(self) -> None:
        self.saves += 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


async def test_while_history_is_read_checkpoints_are_apart_in_proportion_to_what_they_take(
    clock: SimpleNamespace,
) -> None:
    store = Paused(True, False)
    clock.now = min(REST * TOOK, LONGEST) - 0.1
    await store.save_when_due()
    assert store.saves == 0
    clock.now += 0.2
    await store.save_when_due()
    assert store.saves == 1


async def test_under_any_load_that_is_kept_up_with_a_checkpoint_is_always_due(clock: SimpleNamespace) -> None:
    store = Paused(True, True)
    clock.now = 0.1
    await store.save_when_due()
    assert store.saves == 1


async def test_once_nothing_waits_the_next_one_is_due(clock: SimpleNamespace) -> None:
    store = Paused(False)
    clock.now = 1_000.0
    store._saved_at = 999.0
    await store.save_when_due()
    assert store.saves == 0
    store.nothing_waits()
    await store.save_when_due()
    assert store.saves == 1


async def test_the_first_checkpoint_is_due_at_once_however_young_the_machine_is(
    clock: SimpleNamespace,
) -> None:
    store = Paused(False)
    store._saved_at = module.LONG_AGO
    clock.now = 0.1
    await store.save_when_due()
    assert store.saves == 1
