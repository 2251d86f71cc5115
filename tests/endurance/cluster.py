"""Brokers that each worker's place reaches through proxies of its own, and nobody else does."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

from service.embedded import Broker, new_cluster
from service.embedded.ports import LOOPBACK, free_port
from tests.endurance.proxy import Proxy, Trap

REPLICATION, MIN_ISR = 3, 2  # with three brokers


class Network:
    """All that lies between one place and the brokers."""

    def __init__(self, proxies: list[Proxy]) -> None:
        self.proxies = proxies

    @property
    def bootstrap(self) -> str:
        """What a worker in this place takes for the brokers."""
        return ",".join(f"{LOOPBACK}:{proxy.port}" for proxy in self.proxies)

    @property
    def sprung(self) -> int:
        """Requests that met a trap so far."""
        return sum(proxy.sprung for proxy in self.proxies)

    def cut(self) -> None:
        """End all connections."""
        for proxy in self.proxies:
            proxy.cut()

    def hold(self) -> None:
        """Let nothing move."""
        for proxy in self.proxies:
            proxy.hold()

    def release(self, *, deliver: bool) -> None:
        """Let things move again, what was under way too if `deliver`."""
        for proxy in self.proxies:
            proxy.release(deliver=deliver)

    def slow_down(self, seconds: float) -> None:
        """Make every piece of data wait; 0: no more."""
        for proxy in self.proxies:
            proxy.delay = seconds

    def set_trap(self, trap: Trap | None) -> None:
        """Strike at the next requests of a kind."""
        for proxy in self.proxies:
            proxy.set_trap(trap)


class Cluster:
    """One broker, or three that replicate; and a network for each of the workers' places.

    A broker has one listener for us and one for each place. What it advertises on the latter is the place's
    proxy, so a worker never learns of another way.
    """

    def __init__(
        self, folder: Path, places: int, brokers: int = 1, overrides: Mapping[str, str] | None = None
    ) -> None:
        ports = _free_ports(brokers * (2 + 2 * places))
        mains = [next(ports) for _ in range(brokers)]
        controllers = [next(ports) for _ in range(brokers)]
        behind = [[next(ports) for _ in range(places)] for _ in range(brokers)]
        proxies = [[Proxy(next(ports), target) for target in targets] for targets in behind]
        cluster = new_cluster()
        voters = ",".join(f"{n}@{LOOPBACK}:{port}" for n, port in enumerate(controllers, 1))
        self.brokers = [
            Broker(
                folder / f"broker-{n + 1}",
                mains[n],
                {
                    "node.id": str(n + 1),
                    "controller.quorum.voters": voters,
                    **_listeners(mains[n], controllers[n], behind[n], proxies[n]),
                    **(_replicated() if brokers > 1 else {}),
                    "log.cleaner.backoff.ms": "200",
                    **(overrides or {}),
                },
                cluster=cluster,
            )
            for n in range(brokers)
        ]
        self.networks = [Network([mine[place] for mine in proxies]) for place in range(places)]

    @property
    def bootstrap(self) -> str:
        """How we reach the brokers, past all proxies."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    async def start(self) -> None:
        """Start brokers (all at once: one of three does not answer) and proxies."""
        await asyncio.gather(*(asyncio.to_thread(broker.start) for broker in self.brokers))
        for network in self.networks:
            for proxy in network.proxies:
                await proxy.start()

    async def close(self) -> None:
        """End everything."""
        for network in self.networks:
            for proxy in network.proxies:
                await proxy.close()
        for broker in self.brokers:
            await asyncio.to_thread(broker.kill)
            broker.close()


def _free_ports(count: int) -> Iterator[int]:
    found: list[int] = []
    while len(found) < count:
        found.append(free_port(*found))
    return iter(found)


def _listeners(main: int, controller: int, behind: list[int], proxies: list[Proxy]) -> dict[str, str]:
    names = [f"PLACE{n}" for n in range(len(behind))]
    own = [f"{name}://{LOOPBACK}:{port}" for name, port in zip(names, behind, strict=True)]
    shown = [f"{name}://{LOOPBACK}:{proxy.port}" for name, proxy in zip(names, proxies, strict=True)]
    first = f"PLAINTEXT://{LOOPBACK}:{main}"
    return {
        "listeners": ",".join([first, f"CONTROLLER://{LOOPBACK}:{controller}", *own]),
        "advertised.listeners": ",".join([first, *shown]),
        "listener.security.protocol.map": ",".join(
            f"{name}:PLAINTEXT" for name in ("PLAINTEXT", "CONTROLLER", *names)
        ),
    }


def _replicated() -> dict[str, str]:
    return {
        "default.replication.factor": str(REPLICATION),
        "min.insync.replicas": str(MIN_ISR),
        "offsets.topic.replication.factor": str(REPLICATION),
        "transaction.state.log.replication.factor": str(REPLICATION),
        "transaction.state.log.min.isr": str(MIN_ISR),
        "share.coordinator.state.topic.replication.factor": str(REPLICATION),
        "share.coordinator.state.topic.min.isr": str(MIN_ISR),
        "replica.lag.time.max.ms": "5000",
    }
