"""A worker's stream layer as it is, with little on top: what is measured beside the whole."""

from collections.abc import Callable

from service import logs
from service.settings import Settings
from service.stream import lean
from service.stream.checkpoint import Checkpoint
from service.stream.connection import client_options
from service.stream.engine import Engine, add_agent, new_engine, take_on_rebalance
from service.stream.intake import Intake
from service.stream.owned import Owned
from service.stream.recovery import Recovery
from service.stream.sharing import Deployment
from service.stream.startup import reach
from service.stream.status import Status
from service.stream.store import Store
from service.stream.telemetry import Telemetry


def create_app(settings: Settings, intake: type[Intake], owned: Callable[[int], Owned]) -> Engine:
    """As `service.app`, with the stream layer only. `owned`: makes what a partition number holds."""
    lean.install()
    client, topic, group = client_options(settings), settings.orders_topic, settings.application
    own = settings.own_topics
    telemetry, status = Telemetry.of((topic,)), Status()
    checkpoint = Checkpoint(client, group, *own)
    recovery = Recovery(client, group, own.changelog, (topic,))
    engine = new_engine(settings, logs.config(settings.log_level))
    engine.store = Store(owned, checkpoint, recovery, telemetry, status, longest_pause=settings.commit_pause)
    engine.sources, engine.chunk, engine.client_options = (topic,), settings.chunk, client
    take_on_rebalance(engine)
    add_agent(engine, intake("orders", topic, telemetry, lambda: 0, settings.max_record_bytes))

    async def prepare(engine: Engine) -> None:
        ours = Deployment(group, own.changelog, (topic,), (own.dead_letters, own.summaries))
        _, changelog = await reach(client, ours, engine, status)
        engine.store.use(changelog)

    engine.prepare = prepare
    return engine
