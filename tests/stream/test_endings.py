"""How a worker ends: in peace, or with a code and one sentence that says what to do."""

import asyncio

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from service.stream import topics
from tests.stream.application import Application, admin_of
from tests.stream.conftest import NewApplication
from tests.stream.events import order, storm
from tests.stream.outcome import settled, until_applied


async def delete(application: Application, *names: str) -> None:
    async with admin_of(application.bootstrap) as admin:
        await admin.delete_topics(list(names))
        while set(names) & set(await admin.list_topics()):
            await asyncio.sleep(0.1)


async def test_sigterm_saves_what_was_read_and_ends_with_0_within_10_seconds(
    applications: NewApplication,
) -> None:
    application = applications(settings={"commit_interval": "10", "refresh_interval": "60"})
    await application.create()
    worker = application.start()
    while "took partitions" not in worker.text():
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)  # for the first refresh: figures that are complete are saved at once
    application.send(storm(20_000, 1))
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
    code, text = await application.ended()
    assert code == 78
    assert f"topics are missing: {application.sources['customers']}" in text
    assert "subpulse topics" in text
    assert "Traceback" not in text


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
    short = await application.ended()
    application.send(storm(6_000, 5))
    grown = await application.ended()
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
        code, text = await application.ended()
        assert code == 78, text
        assert f"the consumer group {first.name} belongs to another deployment: {what}" in text
        assert "setting application" in text
        assert "Traceback" not in text
    first.send([order("c-1", 2, 2)])
    await first.caught_up()
    assert worker.stop()[0] == 0
    assert worker.text().count("took partitions") == 1
