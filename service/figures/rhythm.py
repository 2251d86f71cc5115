"""How far refreshes are apart. Pure: it asks no clock."""

SHARE = 0.1  # of the time between two refreshes that computing may take
SHARE_READING_HISTORY = 0.05  # figures of long ago pass by, and computing them delays those of now
DOUBLINGS = 6  # of the interval, at most
DOUBLINGS_READING_HISTORY = 3
DOUBLINGS_AFTER_FAILURES = 3


class Rhythm:
    """Learns from each refresh how far the next one has to be away for the work to keep to its share.

    While history is read everything changes all the time, and when partitions were taken all is computed for
    the first time: that is no measure for later, and so the first refresh after it does not wait.
    """

    def __init__(self, base: int, now: int) -> None:
        """`base`: the shortest interval; all are microseconds."""
        self._base, self._doublings = base, 0
        self._passing, self._taken, self._last = False, False, now

    @property
    def needed(self) -> int:
        """The interval that this worker needs."""
        return self._base << self._doublings

    def pause(self, now: int) -> float:
        """Seconds until it should be asked again what is due."""
        return (self._base - now % self._base) / 1e6

    def due(self, now: int, step: int, caught_up: bool, taken: bool = False) -> int | None:
        """The instant of the refresh that is due: a multiple of `step`, the interval of the slowest worker,
        or of the base when partitions were just `taken` or history has just been read to its end. None if
        none is due."""
        if now // step > self._last // step:
            at = now // step * step
        elif taken or (self._passing and caught_up):
            at = now // self._base * self._base
        else:
            return None
        self._last, self._taken = now, self._taken or taken
        return at

    def learn(self, spent: float, complete: bool) -> None:
        """A refresh has used so many seconds; `complete`: no history was left to be read."""
        self._passing, self._taken, self._doublings = self._taken or not complete, False, 0
        passing = DOUBLINGS_READING_HISTORY, SHARE_READING_HISTORY
        most, share = passing if self._passing else (DOUBLINGS, SHARE)
        while spent * 1e6 > share * self.needed and self._doublings < most:
            self._doublings += 1

    def failed(self) -> None:
        """A refresh has failed, and probably will again."""
        if self._doublings < DOUBLINGS_AFTER_FAILURES:
            self._doublings += 1
