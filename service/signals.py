"""Signals in the first seconds, while much is imported: the process ends at once, without a stack trace.

Nothing is held by then that would have to be saved. As the first process of a container this one would not
even notice a signal that it does not handle. Imported before anything else, so it imports next to nothing.
"""

import os
import signal
from collections.abc import Mapping
from typing import Any


class Early:
    """The answer to each of some signals: an exit code."""

    def __init__(self, codes: Mapping[int, int]) -> None:
        self._codes = codes

    def __call__(self, number: int, frame: Any) -> None:
        """What a signal does."""
        os._exit(self._codes[number])


def answer(codes: Mapping[int, int]) -> None:
    """From now on end with these exit codes, by signal, until other handlers are set; what a shell has told
    a job in the background to ignore stays ignored."""
    early = Early(codes)
    for number in codes:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, early)


def interrupt_as_usual() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt, which is caught."""
    if isinstance(signal.getsignal(signal.SIGINT), Early):
        signal.signal(signal.SIGINT, signal.default_int_handler)
