"""A worker on a machine whose clock is an hour ahead.  Run in the place of `faust`."""

import sys
import time

from faust.cli.faust import cli

HOUR = 3_600
seconds, nanoseconds = time.time, time.time_ns

if __name__ == "__main__":
    time.time = lambda: seconds() + HOUR
    time.time_ns = lambda: nanoseconds() + HOUR * 1_000_000_000
    sys.exit(cli(["--quiet", "-A", "service.app", "worker"]))
