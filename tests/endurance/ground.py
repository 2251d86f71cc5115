"""Where a storm takes place: brokers, proxies, topics, places for workers, producers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.endurance import insights
from tests.endurance.cluster import Cluster
from tests.endurance.events import ORDERS_ALLOWED
from tests.endurance.faults import CALM, Faults, configure
from tests.endurance.plan import Plan
from tests.endurance.reading import Looking
from tests.endurance.schedule import SLOTS
from tests.endurance.sending import Sender
from tests.endurance.workforce import Workforce
from tests.stream.application import Application

COMMIT_SECONDS = 0.5  # often enough for the middle of a transaction, seldom enough for much to be at stake
CHUNK = 100


@dataclass(frozen=True)
class Ground:
    """Everything that stands while the storm rages."""

    cluster: Cluster
    application: Application
    workforce: Workforce
    faults: Faults
    sender: Sender
    looking: Looking

    @property
    def sources(self) -> list[str]:
        """Names of the source topics."""
        return list(self.application.sources.values())


@asynccontextmanager
async def ground(plan: Plan, folder: Path) -> AsyncIterator[Ground]:
    """Set it up, and leave nothing running."""
    async with AsyncExitStack() as stack:
        cluster = Cluster(folder, SLOTS, plan.brokers)
        stack.push_async_callback(cluster.close)
        await cluster.start()
        settings = {
            "commit_interval": str(COMMIT_SECONDS),
            "session_timeout": str(plan.session),
            "customer_orders": str(ORDERS_ALLOWED),
            "chunk": str(CHUNK),
            **insights.SETTINGS,
            **({"history_days": str(plan.history_days)} if plan.history_days else {}),
        }
        application = Application(cluster.bootstrap, folder, plan.partitions, settings=settings)
        await application.create()
        sender = Sender(cluster.bootstrap, application.sources, plan.partitions)
        stack.push_async_callback(sender.close)
        workforce = Workforce.of(folder, application.environment, cluster.networks)
        workforce.command = plan.command
        stack.callback(workforce.end)
        faults = Faults(cluster, workforce, application.changelog, plan.session)
        await configure(cluster.bootstrap, application.changelog, CALM)
        looking = Looking(cluster.bootstrap, plan.partitions)
        yield Ground(cluster, application, workforce, faults, sender, looking)
