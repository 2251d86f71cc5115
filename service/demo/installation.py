"""All that the demo starts and has to take down again: a broker, a folder, worker processes."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from service.demo.children import Children
from service.demo.stages import Stages
from service.embedded import Broker

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Installation:
    """A running broker, and a place for workers and their logs."""

    def __init__(self, broker: Broker, workers: Children, folder: Path) -> None:
        self.broker, self.workers, self.folder = broker, workers, folder


@contextmanager
def installation(stages: Stages) -> Iterator[Installation]:
    """Start a broker and yield the installation; on leaving, however that comes about, everything ends.

    Workers end first, so that they can save and say goodbye to the broker; nothing is left on disk.
    Raises BrokerError with a sentence.
    """
    with ExitStack() as house:
        broker = house.enter_context(_broker(stages))
        folder = house.enter_context(TemporaryDirectory(prefix="subpulse-demo-"))
        workers = house.enter_context(Children())
        house.callback(_stop_listening, stages)
        yield Installation(broker, workers, Path(folder))


@contextmanager
def _broker(stages: Stages) -> Iterator[Broker]:
    broker = Broker(console=stages.console)
    try:
        broker.start()
    except KeyboardInterrupt:
        broker.close()
        raise
    with broker:
        yield broker


def _stop_listening(stages: Stages) -> None:
    """From here on everything ends in its order, within seconds: a second Ctrl-C would only leave remains."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)
    stages.say("Stopping workers, then Kafka …")
