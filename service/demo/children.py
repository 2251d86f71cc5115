"""Worker processes of the demo: on a leash, in a session of their own, ended in order."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from service.leash import leashed
from service.stream.endings import STOP_SECONDS

_STOP_SECONDS = STOP_SECONDS + 5
_LINES_SHOWN = 12


class Child:
    """A `subpulse` command in a process of its own; what it prints goes to a file.

    A session of its own, so that Ctrl-C reaches the demo alone, which then ends its children in its order.
    On Linux the kernel kills the child with the demo (with the thread that made this object: make it in the
    main one).
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start `subpulse ARGUMENTS…` with the settings of `environment` and no others."""
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                leashed([sys.executable, "-m", "service.cli", *arguments]),
                env={**_without_settings(os.environ), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    def last_words(self) -> str:
        """Return the last lines that it printed."""
        return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-_LINES_SHOWN:])

    def ask_to_stop(self) -> None:
        """Send SIGTERM, on which a worker checkpoints and leaves."""
        self._process.terminate()

    def stop(self) -> int:
        """Stop it in order, by force where it does not end by itself; return the exit code."""
        self.ask_to_stop()
        try:
            return self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that are none of subpulse's: a demo is the same on every machine."""
    return {name: value for name, value in environment.items() if not name.upper().startswith("SUBPULSE_")}


class Children:
    """The children of one demo: whatever happens, leaving this context ends them all."""

    def __init__(self) -> None:
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.ask_to_stop()
        for child in self._children:
            child.stop()

    def __iter__(self) -> Iterator[Child]:
        return iter(self._children)

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        """Start one more."""
        child = Child(arguments, environment, log)
        self._children.append(child)
        return child
