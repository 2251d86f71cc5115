"""How a worker process ends: exit codes that tell the supervisor, or the platform, what to do next."""

import asyncio
import faulthandler
import logging
import os
import sys
from typing import NoReturn

STOPPED = 0
BUG = 70  # an error nobody foresaw: start again, and tell the authors
START_AGAIN = 75  # a write was refused or its outcome is unknown: recovery from the log is exact
PERSON_NEEDED = 78  # starting again cannot help: configuration or topics are wrong

STOP_SECONDS = 25.0  # platforms kill after 30
_STDERR = 2  # the descriptor itself: sys.stderr may have been replaced by something that is no file

log = logging.getLogger("subpulse.stream")


class CrashedError(Exception):
    """Applying the record at `offset` raised an error nobody foresaw."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def end(code: int, why: str) -> NoReturn:
    """End this process at once with `code`, saying `why` in one sentence.

    No clean-up on purpose: after a refused or unknown write this process must do nothing more.
    What it held is in the changelog; whoever takes the partitions next reads it from there.
    """
    bug = code == BUG and sys.exc_info()[0] is not None
    log.log(
        logging.INFO if code == STOPPED else logging.CRITICAL, "%s (exit code %d)", why, code, exc_info=bug
    )
    logging.shutdown()
    os._exit(code)


def stop_in_time() -> None:
    """Called as an orderly stop begins: who has not ended in time is ended, and says where it stood.

    What was not saved is applied again by whoever takes the partitions next.
    """
    asyncio.get_running_loop().call_later(STOP_SECONDS, _give_up)
    # Where not even the loop goes on, the interpreter's own watchdog does it.
    faulthandler.dump_traceback_later(STOP_SECONDS + 1, exit=True, file=_STDERR)


def _give_up() -> None:
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.__stderr__)
    end(START_AGAIN, f"could not stop within {STOP_SECONDS:.0f} s, so this ends as if it had been killed")
