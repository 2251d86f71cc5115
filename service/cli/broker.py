"""`subpulse broker`: a real Kafka on this machine until interrupted."""

import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from service.embedded import Broker, BrokerError
from service.settings.model import LOCAL_BROKER_PORT


def command(
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="Keep the data in this directory; without it they are temporary."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port on 127.0.0.1; 0 picks a free one.")
    ] = LOCAL_BROKER_PORT,
) -> None:
    """Run a real Kafka broker on this machine, reachable on loopback only, until Ctrl-C or SIGTERM.

    The first run fetches Kafka (45 MB, kept in the user's cache); later runs need no network.

    To use it, in other terminals: `subpulse topics`, `subpulse publish FILE`, `subpulse worker`,
    each with SUBPULSE_BROKERS set to the address that this command prints.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    signal.signal(signal.SIGTERM, lambda _number, _frame: _interrupt())
    console.print("Starting Kafka …")
    try:
        with Broker(data_dir=data, port=port, console=console) as broker:
            kept = "kept there" if data else "deleted at the end"
            console.print(f"Kafka answers on {broker.bootstrap}; its data are in {broker.data_dir}, {kept}.")
            console.print("Ctrl-C stops it.")
            code = broker.wait()
            raise BrokerError(f"the broker ended by itself (exit code {code}); {broker.why_it_ended()}")
    except KeyboardInterrupt:
        console.print("Kafka has stopped.")


def _interrupt() -> None:
    raise KeyboardInterrupt
