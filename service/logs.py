"""How this program logs: one line per event on standard error, and no flood when the broker is away."""

import logging
import time
from collections import Counter
from typing import Any

import structlog

PERIOD = 10.0  # seconds
LINES = 3  # of one chatty logger per period
CHATTY = ("aiokafka", "faust", "mode")
OF_NO_CONCERN = (
    "Group Coordinator Request failed: [Error 15]",  # a broker that has just begun: the client asks again
    "Marking the coordinator dead",  # likewise
    'Unable connect to "',  # we say so ourselves, with what it means
    "Timer ",  # of Faust's, which notices that a checkpoint took longer than its interval
)


class Dam(logging.Filter):
    """Lets through the first few lines of a chatty library in each period, and says how many it kept back."""

    def __init__(self) -> None:
        super().__init__()
        self._period, self._seen = 0, Counter[str]()

    def filter(self, record: logging.LogRecord) -> bool:
        """False when the line is kept back."""
        library = record.name.partition(".")[0]
        if library not in CHATTY:
            return True
        if record.getMessage().startswith(OF_NO_CONCERN):
            return False
        if (period := int(time.monotonic() / PERIOD)) != self._period:
            self._period, self._seen = period, Counter()
        self._seen[library] += 1
        if self._seen[library] == LINES:
            record.msg, record.args = f"{record.getMessage()} (more like this is kept back for a while)", ()
        return self._seen[library] <= LINES


def config(level: str = "info") -> dict[str, Any]:
    """For `logging.config.dictConfig`; `level` is of our own loggers, libraries speak from warning on."""
    shared = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"dam": {"()": Dam}},
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                # Plain tracebacks: pretty ones would print local variables, and so people's data.
                "processor": structlog.dev.ConsoleRenderer(
                    colors=False,
                    pad_level=False,
                    pad_event_to=0,
                    exception_formatter=structlog.dev.plain_traceback,
                ),
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.__stderr__",
                "formatter": "line",
                "filters": ["dam"],
            }
        },
        "loggers": {"subpulse": {"level": level.upper()}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
    }
