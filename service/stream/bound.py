"""How much one checkpoint may hold, so that its transaction ends long before its timeout.

Pure: it asks no clock and no broker.
"""

LEAST, MOST = 10_000, 200_000  # rows: always fits, whatever the machine; never more, however fast it is
AIM = 3.0  # seconds that a checkpoint should take at most
GROWTH = 4  # a bound is at most so many times what has just been written: nobody tried more
ROW_BYTES = 512  # about what a changed record takes; a letter counts as many rows as it would fill


class Bound:
    """Learns from each checkpoint how many rows the next one may hold.

    A checkpoint writes each changed record once however often it changed, so the fewer the better, as long as
    each is quick.
    """

    def __init__(self) -> None:
        self.rows = LEAST

    def learn(self, rows: int, seconds: float) -> None:
        """So many rows took so long."""
        fits = int(rows * min(GROWTH, AIM / seconds)) if seconds > 0 else GROWTH * rows
        self.rows = max(LEAST, min(MOST, fits))
