"""The wall clock, in the unit in which all instants are kept."""

import time


def now_micros() -> int:
    """The wall clock, microseconds since 1970."""
    return time.time_ns() // 1_000
