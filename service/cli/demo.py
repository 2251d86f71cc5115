"""`subpulse demo`: a whole installation on this machine, with a simulated business, shown live."""

import logging
import signal
import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from service.demo.screen import FULL_WIDTH
from service.demo.show import run
from service.demo.stages import Stages
from service.demo.wish import SPIKE, Wish


def command(
    once: Annotated[
        bool, typer.Option("--once", help="Print the first full figures and end, with exit code 0.")
    ] = False,
    spike: Annotated[
        bool, typer.Option("--spike", help=f"Begin with churn at {SPIKE:g} times the usual (the `c` key).")
    ] = False,
    customers: Annotated[
        int, typer.Option(min=10, max=100_000, help="Customers who sign up in the two years of history.")
    ] = 5_000,
    hours: Annotated[
        float, typer.Option(min=0.001, max=48, help="Hours of business that a second of live mode carries.")
    ] = 4.0,
    workers: Annotated[int, typer.Option(min=1, max=4, help="Workers that share the partitions.")] = 2,
    partitions: Annotated[int, typer.Option(min=1, max=64, help="Partitions of every topic.")] = 4,
    http_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port of the first worker's figures, if it is free.")
    ] = 8_000,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story.")] = 1,
) -> None:
    """Watch live churn, retention, order value and lifetime value of a simulated subscription business.

    Starts a real Kafka and workers on this machine (loopback only), publishes two years of history of a
    business with free, quarterly, annual and company plans, and goes on with live events in time-lapse,
    while a table shows the main figures by window. The c key turns a churn spike on and off; q or Ctrl-C
    ends everything and leaves nothing behind.

    Everything is real but the customers: the same worker, topics and figures as in production.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    # The leaders of a new topic are not known at once: clients grumble and try again, of no concern here.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    progress = Console(stderr=True, highlight=False)
    out = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=FULL_WIDTH)
    wish = Wish(once, spike, customers, seed, hours, workers, partitions, http_port)
    stages = Stages(progress)
    try:
        run(wish, out, stages)
    except KeyboardInterrupt:
        if once:
            raise
    stages.say("All is stopped; nothing is left running.")


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt
