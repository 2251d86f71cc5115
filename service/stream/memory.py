"""How this process asks for memory: set once, before the first event."""

import ctypes
import gc
import sys

COLLECTIONS = (100_000, 50, 1_000)  # nearly everything lives long: looking for garbage more often costs 20 %
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # of glibc's mallopt
LARGE = 1 << 18  # bytes


def tune() -> None:
    """Look for garbage less often, and give large blocks back as soon as they are free.

    Left alone, glibc learns from the first freed column of figures to keep blocks of that size: at 200,000
    customers that is 700 bytes each. Where there is no glibc nothing is changed but the collector.
    """
    gc.set_threshold(*COLLECTIONS)
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    for parameter, value in ((MMAP_THRESHOLD, LARGE), (TRIM_THRESHOLD, LARGE), (ARENA_MAX, 2)):
        mallopt(parameter, value)
