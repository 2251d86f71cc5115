"""Where `subpulse` begins; also `python -m service`."""

import signal
import sys

from service.signals import answer


def main() -> None:
    """Answer signals, then import the commands, which takes a while, and run one."""
    worker = sys.argv[1:2] == ["worker"]
    answer({signal.SIGINT: 130, signal.SIGTERM: 0} if worker else {signal.SIGINT: 130})

    from service.cli import main as run

    run()


if __name__ == "__main__":
    main()
