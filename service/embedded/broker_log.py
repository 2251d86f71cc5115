"""What a broker prints: kept over all its lives, and read for why its last one went wrong."""

from pathlib import Path

_LINES_SHOWN = 8
NO_ROOM = "No space left on device"  # as Java passes on what the system says
_FULL = (NO_ROOM, "File too large")
_TAKEN = "Address already in use"


class BrokerLog:
    """The log file of a broker."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._begins = 0  # where this life's part begins, bytes

    def new_life(self) -> None:
        """From here on it is another life: what went wrong in those before is of no interest."""
        self._begins = self.file.stat().st_size if self.file.exists() else 0

    def last_words(self) -> str:
        """Where it is, and how it ends."""
        return "\n  ".join([f"its log is {self.file}, which ends with:", *self._lines()[-_LINES_SHOWN:]])

    def disk_is_full(self) -> str | None:
        """In which words the system said last that there is no room; None if it did not."""
        return next((words for line in reversed(self._lines()) for words in _FULL if words in line), None)

    def port_is_taken(self) -> bool:
        """Whether a port could not be had."""
        return any(_TAKEN in line for line in self._lines())

    def _lines(self) -> list[str]:
        """Those of this life, without stack traces."""
        try:
            with self.file.open("rb") as file:
                file.seek(self._begins)
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        return [line for line in lines if not line.startswith("\tat ")]
