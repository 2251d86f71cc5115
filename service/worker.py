"""`python -m service.worker …` is `faust …` that answers signals before Faust is there to do so."""

import signal

from service.signals import answer


def main() -> None:
    """Answer signals, then import Faust and hand over to it."""
    answer({signal.SIGINT: 0, signal.SIGTERM: 0})

    from faust.cli.faust import cli

    cli()


if __name__ == "__main__":
    main()
