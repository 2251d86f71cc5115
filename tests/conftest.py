"""What all tests share: one real Kafka broker, names of their own on it, and no silent skips in CI."""

import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

import hypothesis  # its plugin would import it where the stack is too deep for Python 3.11
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from service.embedded import Broker

CreateTopics = Callable[..., Awaitable[None]]

BROKERS = {"broker", "own_broker"}  # fixtures

# The same examples for everybody, each time; `--hypothesis-profile explore` looks for new ones.
hypothesis.settings.register_profile("explore", derandomize=False)
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.load_profile("same")


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """The broker of the whole test run. Tests that kill or stop one take `own_broker` instead."""
    with Broker(overrides={"log.cleaner.backoff.ms": "500"}) as running:
        yield running


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """A broker for one test alone, which may kill, stop and restart it."""
    with Broker() as running:
        yield running


@pytest.fixture
def prefix() -> str:
    """The beginning of all names (topics, groups, transactional ids) that a test makes on the broker."""
    return f"t{uuid.uuid4().hex[:10]}-"


@pytest.fixture
async def admin(broker: Broker) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client of the shared broker."""
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await client.start()
    yield client
    await client.close()


@pytest.fixture
def create_topics(admin: AIOKafkaAdminClient) -> CreateTopics:
    """`await create_topics("name", …, partitions=1, config={})` on the shared broker."""

    async def create(*names: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> None:
        answer = await admin.create_topics(
            [NewTopic(name, partitions, 1, topic_configs=dict(config or {})) for name in names]
        )
        refused = [error for error in answer.topic_errors if error[1] != 0]
        assert not refused, refused

    return create


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need a broker come first: they take longest; last, one core would wait for another."""
    with_broker = {item.path for item in items if BROKERS & set(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: item.path not in with_broker)


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"


def _fail_instead_of_skipping(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"skipped, and in CI nothing may be skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With CI=true a skip is a failure, unless the test is marked `platform_specific`."""
    report: pytest.TestReport = yield
    allowed = hasattr(report, "wasxfail") or item.get_closest_marker("platform_specific")
    if _in_ci() and report.skipped and not allowed:
        _fail_instead_of_skipping(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """With CI=true a module that skips itself while it is collected is a failure."""
    report: pytest.CollectReport = yield
    if _in_ci() and report.skipped:
        _fail_instead_of_skipping(report)
    return report
