"""How this process asks for memory: set once, before the first event."""

import ctypes
import gc
import sys
from functools import cache

COLLECTIONS = (100_000, 50, 1_000)  # nearly everything lives long: looking for garbage more often costs 20 %
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # of glibc's mallopt
LARGE = 1 << 25  # bytes; the most that it takes


def tune() -> None:
    """Look for garbage less often, and keep freed blocks until `give_back`.

    Left alone, glibc returns the columns of a refresh to the kernel one by one and asks for them again: page
    faults are nearly half of what a refresh costs. Where there is no glibc only the collector is changed.
    """
    gc.set_threshold(*COLLECTIONS)
    if libc := _glibc():
        for parameter, value in ((MMAP_THRESHOLD, LARGE), (TRIM_THRESHOLD, 8 * LARGE), (ARENA_MAX, 2)):
            libc.mallopt(parameter, value)


def give_back() -> None:
    """Return what is free to the kernel, pages in the midst of the heap too. Call it when a refresh is done:
    else 700 bytes a customer stay behind at 200,000 customers."""
    if libc := _glibc():
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
