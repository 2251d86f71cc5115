"""The configuration of a broker that is alone on one machine."""

from collections.abc import Mapping
from pathlib import Path

from service.embedded.ports import LOOPBACK

PLAIN_LISTENER = "PLAINTEXT"

_ALONE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": f"{PLAIN_LISTENER}:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": PLAIN_LISTENER,
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # How long a killed broker keeps its place from its own next life; the default makes that take 12 s.
    "broker.session.timeout.ms": "4000",
    "broker.heartbeat.interval.ms": "1000",
    "auto.create.topics.enable": "false",
    # The default keeps 128 MiB of heap for the cleaner, a quarter of what this broker may use.
    "log.cleaner.dedupe.buffer.size": str(32 * 1024 * 1024),
}


def server_properties(
    logs: Path, listener: str, port: int, controller_port: int, overrides: Mapping[str, str]
) -> str:
    """The text of `server.properties`; `overrides` are Kafka broker settings that win over ours."""
    listeners = f"{listener}://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}"
    settings = {
        **_ALONE,
        "log.dirs": logs.as_posix(),
        "listeners": listeners,
        "advertised.listeners": f"{listener}://{LOOPBACK}:{port}",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        **overrides,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
