"""Of whom something new may be found: whoever changed, and of all others what came about since the last
look."""

from collections.abc import Sequence

import numpy as np

from service.domain.records.customer import EVER


class Attention:
    """Masks by number of the customer, and the instant of the last look."""

    def __init__(self) -> None:
        self._looked_at = EVER
        self._changed = self._spoken_of = np.zeros(0, bool)

    def note(self, changed: Sequence[int], spoken_of: Sequence[int], size: int) -> None:
        """These of `size` customers have changed; of some of them something has been said."""
        self._changed, self._spoken_of = self.changed(size), self.spoken_of(size)
        self._changed[changed] = True
        self._spoken_of[spoken_of] = True

    def changed(self, size: int) -> np.ndarray:
        """A mask: who changed since the last look."""
        return _grown(self._changed, size)

    def spoken_of(self, size: int) -> np.ndarray:
        """A mask: who changed and was spoken of before."""
        return _grown(self._spoken_of, size)

    def after(self, floor: int, size: int) -> np.ndarray:
        """By customer: what came about later than this instant has not been found yet."""
        return np.where(self.changed(size), floor, max(floor, self._looked_at))

    def looked(self, as_of: int) -> None:
        """All has been found as of this instant."""
        self._looked_at = max(as_of, self._looked_at)
        self._changed = self._spoken_of = np.zeros(0, bool)


def _grown(mask: np.ndarray, size: int) -> np.ndarray:
    return np.append(mask, np.zeros(max(size - len(mask), 0), bool))
