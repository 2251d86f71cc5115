"""What the demo says while it does it: one line a step, with the seconds since it began."""

import time

from rich.console import Console


class Stages:
    """Lines on a console, each with the time since this object was made."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """Print one line."""
        self.console.print(f"{self.seconds:5.1f} s  {text}", markup=False, highlight=False, soft_wrap=True)
