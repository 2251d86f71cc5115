"""Single key presses from the terminal, without Enter; silently none where there is no terminal to read."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

try:
    import termios
    import tty
except ImportError:  # a system without POSIX terminals: the demo runs there without keys
    termios = None  # type: ignore[assignment]


@contextmanager
def key_presses(on_key: Callable[[str], None]) -> Iterator[bool]:
    """Call `on_key` in the running loop for every key pressed; yields whether keys can be read at all."""
    if termios is None or not _in_the_foreground():
        yield False
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    loop = asyncio.get_running_loop()

    def read() -> None:
        pressed = os.read(terminal, 64)
        if not pressed:
            loop.remove_reader(terminal)
        for key in pressed.decode("utf-8", "ignore"):
            on_key(key)

    tty.setcbreak(terminal)
    loop.add_reader(terminal, read)
    try:
        yield True
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _in_the_foreground() -> bool:
    """Whether stdin is a terminal that this process may read (one in the background would be stopped)."""
    try:
        return sys.stdin.isatty() and os.getpgrp() == os.tcgetpgrp(sys.stdin.fileno())
    except (OSError, ValueError):
        return False
