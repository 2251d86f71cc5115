"""The demo's workers: `subpulse worker` processes with ports of their own, and an eye on them."""

from service.demo.installation import Installation
from service.demo.reading import speaks_for_the_business
from service.demo.screen import WINDOWS
from service.demo.stages import Stages
from service.embedded.ports import LOOPBACK, free_port, is_free
from service.errors import UserError

REFRESH_SECONDS = 1


class Workforce:
    """Workers that share the partitions of one installation."""

    def __init__(self, installed: Installation, workers: int, http_port: int, stages: Stages) -> None:
        """Start them; the first serves its figures on `http_port` if that is free."""
        self._children, self._stages = installed.workers, stages
        ports = _ports(http_port, workers)
        self.addresses = tuple(f"http://{LOOPBACK}:{port}" for port in ports)
        for number, port in enumerate(ports, 1):
            environment = {
                "SUBPULSE_BROKERS": installed.broker.bootstrap,
                "SUBPULSE_HTTP_PORT": str(port),
                "SUBPULSE_REFRESH_INTERVAL": str(REFRESH_SECONDS),
                "SUBPULSE_WINDOWS": ",".join(WINDOWS),
            }
            log = installed.folder / f"worker-{number}.log"
            child = self._children.start(["worker", "--no-restart"], environment, log)
            stages.say(f"Worker {number} is starting (process {child.pid}), to be found on port {port}.")

    def put_the_speaker_first(self) -> None:
        """Sort the addresses: first the worker whose /metrics has the figures of the business."""
        self.addresses = tuple(sorted(self.addresses, key=speaks_for_the_business, reverse=True))

    def check(self) -> None:
        """Raise UserError if a worker has ended; what it said last is shown."""
        for number, child in enumerate(self._children, 1):
            if child.code is not None:
                self.tell_last_words(number)
                raise UserError(
                    f"worker {number} ended with exit code {child.code}; its last lines stand above"
                )

    def tell_last_words(self, number: int) -> None:
        """Show the last lines that a worker printed."""
        child = list(self._children)[number - 1]
        self._stages.say(f"The last that worker {number} said:\n{child.last_words()}")


def _ports(first: int, workers: int) -> list[int]:
    """The wanted port for the first worker, if it is free; others as they come."""
    ports = [first] if first and is_free(first) else []
    while len(ports) < workers:
        ports.append(free_port(*ports))
    return ports
