"""`subpulse rebuild`: the state anew from the sources. For more partitions: see test_more_partitions.py."""

import asyncio
from typing import Any

import pytest

from service.rebuild import switching
from tests.stream.application import Application
from tests.stream.commands import subpulse
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent, event, order
from tests.stream.holder import Holder, ends_raise


@pytest.fixture(autouse=True)
async def _nobody_stays() -> Any:
    yield
    await Holder.all_vanish()


async def counted(application: Application, *events: Sent) -> Holder:
    """A process that has counted these events."""
    await application.create()
    application.send(events)
    return await Holder.up_to_date(application)


async def test_it_refuses_where_not_everything_is_there_to_read(
    applications: NewApplication,
) -> None:
    application = applications(partitions=1)
    await application.create()
    nothing = await subpulse(application, "rebuild")
    assert nothing.exit_code == 1
    assert f"{application.changelog} holds no state yet" in nothing.output

    await counted(application, *(order(f"c-{n}", n, 1) for n in range(10)))
    application.remove(4)
    refused = await subpulse(application, "rebuild")
    assert refused.exit_code == 1
    assert f"retention removed records: 4 of {application.sources['orders']}-0" in refused.output
    assert refused.output.count("\n") == 1
    done = await subpulse(application, "rebuild", "--incomplete")
    assert done.exit_code == 0, done.output
    assert "6 customers from 6 records" in done.output


async def test_who_takes_partitions_in_the_middle_keeps_them_and_the_rebuild_says_so(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    application, fence = applications(partitions=2), switching._fence
    first = await counted(application, order("c-1", 1, 1))
    second, ours = Holder(application), asyncio.get_running_loop()

    async def overtaken(*arguments: Any) -> Any:
        fences = await fence(*arguments)
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(second.take(), ours))
        return fences

    with monkeypatch.context() as patch:
        patch.setattr(switching, "_fence", overtaken)
        failed = await subpulse(application, "rebuild")
    assert failed.exit_code == 1
    assert "nothing has changed; try again" in failed.output
    application.send([order("c-2", 2, 2)])
    await second.read()
    await second.save()

    done = await subpulse(application, "rebuild")
    assert "2 customers from 2 records" in done.output
    with ends_raise(monkeypatch):
        for holder in (first, second):
            application.send([order("c-3", 3, 3)])
            await holder.read()
            with pytest.raises(Exception, match="refused or its outcome unknown"):
                await holder.save()


async def test_who_was_erased_stays_so_although_the_sources_no_longer_tell(
    applications: NewApplication,
) -> None:
    application = applications(partitions=1)
    gone, back = (b"gone-for-good", b"back-again")
    await counted(
        application,
        *(order(who.decode(), day, day) for who in (gone, back) for day in (1, 2)),
        *(event("customers", "customer.erased", who.decode(), 5, event_id="e") for who in (gone, back)),
    )
    application.send([order("back-again", 9, 9)])
    await Holder.everyone[-1].read()
    await Holder.everyone[-1].save()
    application.remove(2, "customers")
    done = await subpulse(application, "rebuild", "--incomplete")
    assert "3 customers from 5 records" in done.output, done.output
    keys = [row.key for _, row in await application.rows(f"{application.changelog}-2")]
    assert not any(gone in key for key in keys)
    assert [key for key in keys if back in key] == [b"c" + back]
