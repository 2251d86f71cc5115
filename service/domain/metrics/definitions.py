"""The settings that change figures, in one immutable value."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction

from schemas.instants import DAY, HOUR
from service.domain import defaults
from service.domain.metrics.windows import DEFAULT_WINDOWS, YEAR, reach

NEEDED_WINDOWS = ("90d", YEAR)


@dataclass(frozen=True)
class Definitions:
    """What an operator may choose about the figures (definitions, sections 1, 2, 5, 6 and 8)."""

    time_zone: str = defaults.TIME_ZONE
    windows: tuple[str, ...] = DEFAULT_WINDOWS
    guarantee_hours: int = 24 * defaults.GUARANTEE_DAYS
    margin: Fraction = defaults.MARGIN
    horizon_days: int = defaults.HORIZON_DAYS
    label_limit: int = defaults.LABEL_LIMIT
    currency_limit: int = defaults.CURRENCY_LIMIT
    magnet_skus: int = defaults.MAGNET_SKUS
    referral_ranks: bool = defaults.REFERRAL_RANKS

    @property
    def measured_windows(self) -> tuple[str, ...]:
        """The windows shown, and those of which formula and lecture LTV are made."""
        return tuple(dict.fromkeys((*self.windows, *NEEDED_WINDOWS)))

    @property
    def guarantee(self) -> int:
        """The guarantee period in microseconds."""
        return self.guarantee_hours * HOUR

    @property
    def horizon(self) -> int:
        """How long orders stay matched, in microseconds."""
        return self.horizon_days * DAY

    def least_horizon_days(self) -> tuple[int, str]:
        """The shortest horizon with which no order is folded that a window still looks at, and the window
        that looks back furthest: to its previous period, or to orders under guarantee as it begins."""
        guarantee = -(-self.guarantee_hours // 24)
        needs = [(max(previous, current + guarantee), name) for name, current, previous in self._reaches()]
        return max(needs, key=lambda need: need[0])

    def _reaches(self) -> Iterator[tuple[str, int, int]]:
        return ((name, *reach(name)) for name in self.measured_windows)

    def fingerprint(self) -> str:
        """Equal for equal definitions: workers with different ones must not add their summaries."""
        told = {**asdict(self), "margin": str(self.margin)}
        if not self.referral_ranks:  # then all is as it was before there were any
            del told["referral_ranks"]
        text = json.dumps(told, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
