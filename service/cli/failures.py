"""How a command fails: one sentence for what a person can mend, a stack trace only for a bug of ours."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from service.errors import UserError
from service.signals import interrupt_as_usual

INTERRUPTED = 130


@contextmanager
def one_sentence(context: Any) -> Iterator[None]:
    """Turn known errors of the commands inside into a sentence on stderr and an exit code."""
    interrupt_as_usual()
    try:
        yield
    except UserError as error:
        _say(context, str(error))
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        raise typer.Exit(0) from None
    except OSError as error:
        _say(context, f"{error.filename}: {error.strerror}" if error.filename else str(error))
        raise typer.Exit(1) from None
    except Exception as error:
        if not _of_kafka(error):
            raise
        _say(
            context,
            f"{error}; is the broker up, and does the setting brokers hold its address?",
        )
        raise typer.Exit(1) from None


def _of_kafka(error: Exception) -> bool:
    """Without importing the client for commands that do not use it."""
    errors = sys.modules.get("aiokafka.errors")
    return errors is not None and isinstance(error, errors.KafkaError)


def _say(context: Any, text: str) -> None:
    command = " ".join(filter(None, ("subpulse", context.invoked_subcommand)))
    for line in text.splitlines():
        typer.secho(f"{command}: {line}", err=True, fg="red")
