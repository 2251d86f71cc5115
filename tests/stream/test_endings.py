"""How a worker ends: in peace, or with a code and one sentence that says what to do."""

import asyncio
import json
import sys
import time
from pathlib import Path

from aiokafka.admin import NewPartitions
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from service.stream import head, topics
from tests.stream.application import Application, Worker, admin_of
from tests.stream.conftest import NewApplication
from tests.stream.events import order, storm
from tests.stream.outcome import settled


async def ended(application: Application, seconds: float = 120) -> tuple[int, str]:
    """Exit code and log of a fresh worker that ends by itself."""
    worker = application.start()
    code = await asyncio.to_thread(worker.process.wait, seconds)
    return code, worker.text()


async def delete(application: Application, *names: str) -> None:
    async with admin_of(application.bootstrap) as admin:
        await admin.delete_topics(list(names))
        while set(names) & set(await admin.list_topics()):
            await asyncio.sleep(0.1)


async def test_sigterm_saves_what_was_read_and_ends_with_0_within_10_seconds(
    applications: NewApplication,
) -> None:
    application = applications(settings={"commit_interval": "10"})
    await application.create()
    application.send(storm(20_000, 1))
    worker = application.start()
    while "took partitions" not in worker.text():
        await asyncio.sleep(0.05)
    await asyncio.sleep(1.5)
    assert await application.progress() == 0  # read, but not yet saved
    code, seconds = worker.stop()
    assert code == 0, worker.text()
    assert seconds < 10
    assert await application.progress() > 0


async def test_a_worker_that_was_stopped_goes_on_where_it_was(applications: NewApplication) -> None:
    application = applications()
    await application.create()
    application.send(storm(5_000, 2))
    worker = application.start()
    first = await settled(application)
    assert worker.stop()[0] == 0
    application.start()
    assert await settled(application) == first


async def test_missing_topics_end_with_78_and_the_command_that_helps(applications: NewApplication) -> None:
    application = applications()
    await application.create()
    await delete(application, application.sources["customers"])
    code, text = await ended(application)
    assert code == 78
    assert f"topics are missing: {application.sources['customers']}" in text
    assert "subpulse topics" in text
    assert "Traceback" not in text


async def test_unequal_numbers_of_partitions_end_with_78(applications: NewApplication) -> None:
    application = applications()
    await application.create()
    async with admin_of(application.bootstrap) as admin:
        await admin.create_partitions({application.sources["orders"]: NewPartitions(5)})
    code, text = await ended(application)
    assert code == 78
    assert f"{application.sources['orders']} 5" in text
    assert "Traceback" not in text


async def test_topics_that_were_all_grown_end_with_78_once_there_is_state(
    applications: NewApplication,
) -> None:
    application = applications()
    await application.create()
    application.send(storm(1_000, 3))
    worker = application.start()
    await application.caught_up()
    assert worker.stop()[0] == 0
    async with admin_of(application.bootstrap) as admin:
        own = (application.changelog, application.dead_letters, application.summaries)
        await admin.create_partitions({t: NewPartitions(6) for t in (*application.sources.values(), *own)})
    code, text = await ended(application)
    assert code == 78
    assert "the topics have 6 partitions, but the records were kept in 4" in text


async def test_a_source_created_anew_ends_with_78_also_when_it_has_grown_past_the_old_one(
    applications: NewApplication,
) -> None:
    application = applications()
    await application.create()
    application.send(storm(2_000, 4))
    worker = application.start()
    await application.caught_up()
    assert worker.stop()[0] == 0
    await delete(application, application.sources["orders"])
    await application.create()
    short = await ended(application)
    application.send(storm(6_000, 5))
    grown = await ended(application)
    for code, text in (short, grown):
        assert code == 78, text
        assert "the topic was created anew" in text


async def reset(application: Application, share: float) -> None:
    """Set the group's offsets to this share of what the sources hold, read or not."""
    places = [TopicPartition(*tp, int(end * share)) for tp, end in (await application.ends()).items()]
    admin = AdminClient({"bootstrap.servers": application.bootstrap})  # has to outlive its futures
    wanted = [ConsumerGroupTopicPartitions(application.name, places)]
    for done in admin.alter_consumer_group_offsets(wanted).values():
        done.result()


async def until_applied(application: Application, records: int, seconds: float = 60) -> None:
    """Until the head records, which alone count, say that exactly so many records are applied."""
    limit, applied = time.monotonic() + seconds, 0
    while applied != records:
        assert time.monotonic() < limit, f"{applied} of {records}\n{application.told()}"
        await asyncio.sleep(0.2)
        heads = [v for (_, key), v in (await application.last_rows()).items() if key == head.KEY and v]
        applied = sum(p.next for value in heads for p in head.unpack(value).positions.values())


async def test_a_reset_of_the_groups_offsets_to_beginning_middle_or_end_changes_nothing(
    applications: NewApplication,
) -> None:
    application = applications()
    await application.create()
    application.send(storm(5_000, 6, bad=0.01))
    worker = application.start()
    first = await settled(application)
    assert worker.stop()[0] == 0
    for number, share in enumerate((0.0, 0.5, 1.0), 1):
        application.send(storm(1_000, 6 + number, bad=0))  # nobody has read these: at the end they are behind
        await reset(application, share)
        worker = application.start()
        await until_applied(application, 5_000 + 1_000 * number)
        assert (await settled(application)).letters == first.letters
        assert worker.stop()[0] == 0


async def test_wanted_topics_are_created_once_and_then_fit(applications: NewApplication) -> None:
    application = applications()
    async with admin_of(application.bootstrap) as admin:
        own = (application.changelog, application.dead_letters, application.summaries)
        wanted = topics.wanted(application.sources.values(), *own, 3)
        assert {f.state for f in await topics.ensure(admin, wanted)} == {"created"}
        assert {f.state for f in await topics.ensure(admin, wanted)} == {"fits"}
        more = topics.wanted(application.sources.values(), *own, 5)
        findings = await topics.verify(admin, more)
    assert all(f.unusable and f.differs == ("has 3 partitions, should have 5",) for f in findings)


def remove(application: Application, before: int, kind: str = "orders") -> None:
    """Have retention remove records of a source, in partition 0, before an offset."""
    admin = AdminClient({"bootstrap.servers": application.bootstrap})
    place = TopicPartition(application.sources[kind], 0, before)
    for done in admin.delete_records([place]).values():
        done.result()


async def test_records_that_retention_removed_unread_end_with_78_unless_told_to_go_on(
    applications: NewApplication,
) -> None:
    application = applications(partitions=1)
    await application.create()
    application.send(order(f"c-{n}", n, 1) for n in range(50))
    remove(application, 10)  # before anybody came: there is nothing to be missed
    worker = application.start()
    await application.caught_up()
    assert worker.stop()[0] == 0
    application.send(order(f"c-{n}", n, 1) for n in range(50, 100))
    remove(application, 80)
    code, text = await ended(application)
    assert code == 78
    assert f"removed records before they were counted: 30 of {application.sources['orders']}-0" in text
    assert "missing_records=continue" in text
    assert "Traceback" not in text

    worker = application.start(missing_records="continue")
    await until_applied(application, 100)
    rows = await application.last_rows()
    assert {key for _, key in rows if key} == {b"cc-%d" % n for n in (*range(10, 50), *range(80, 100))}
    assert worker.stop()[0] == 0


async def test_records_that_go_while_a_worker_reads_end_it_and_the_next_one_says_what_is_missing(
    applications: NewApplication, tmp_path: Path
) -> None:
    application = applications(partitions=1, settings={"session_timeout": "30"})
    await application.create()
    (tmp_path / "fetch").touch()
    environment = {**application.environment, "TEST_HINDRANCES": str(tmp_path)}
    command = [sys.executable, "-m", "tests.stream.hindered_worker"]
    worker = Worker(environment, tmp_path / "hindered.log", command)
    application.workers.append(worker)
    while "took partitions" not in worker.text():
        await asyncio.sleep(0.1)
    note = "x" * 5_000
    large = [order(f"c-{n}", n, 1) for n in range(2_000)]
    application.send(
        s._replace(value=json.dumps({**json.loads(s.value or b""), "note": note}).encode()) for s in large
    )
    await asyncio.sleep(1)  # some of it has been fetched meanwhile, and lies ready
    remove(application, 1_500)
    (tmp_path / "fetch").unlink()
    assert await asyncio.to_thread(worker.process.wait, 60) == 75
    assert f"cannot read {application.sources['orders']}-0 from " in worker.text()
    code, text = await ended(application)
    assert code == 78, text
    assert f"of {application.sources['orders']}-0" in text


async def test_a_deployment_that_has_the_name_of_another_ends_with_78_and_does_not_disturb_it(
    applications: NewApplication,
) -> None:
    first = applications(partitions=1)
    await first.create()
    first.send([order("c-1", 1, 1)])
    worker = first.start()
    await first.caught_up()

    other_state = applications(partitions=1, name=first.name, sources=first.sources)
    other_state.changelog += "-b"
    other_topics = applications(partitions=1, name=first.name)
    other_topics.sources = {kind: f"{topic}-b" for kind, topic in first.sources.items()}
    for application, what in (
        (other_state, f"its state is in the topic {first.changelog}, this one's in {first.changelog}-b"),
        (other_topics, f"its workers read {first.sources['customers']}, "),
    ):
        await application.create()
        code, text = await ended(application)
        assert code == 78, text
        assert f"the consumer group {first.name} belongs to another deployment: {what}" in text
        assert "setting application" in text
        assert "Traceback" not in text
    first.send([order("c-1", 2, 2)])
    await first.caught_up()
    assert worker.stop()[0] == 0
    assert worker.text().count("took partitions") == 1
