"""What is tried: quiet years, and scenarios of several strengths, each with many seeds."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.simulation.scenarios import load

QUIET = "quiet"
QUIET_DAYS = 120
SEEDS = 20
CHURNS = (0.03, 0.08)
"""Monthly churn of the quiet businesses."""

DETECTED_IN = 0.95
"""Share of the seeds in which a scenario has to be detected in time."""

FALSE_PAGES_A_YEAR = 1.0
"""Most pages (severity critical) that a year of quiet may bring."""


@dataclass(frozen=True)
class Trial:
    """One scenario at one monthly churn: which alert should find it, and within how many days.

    Of the strengths in `bars` it has to (a bar of the proof); of others it is told how soon it does. What is
    looked for begins `delay` days after the scenario (a cohort leaves long after it came). Figures are taken
    every `step` hours (or halves of them), up to the bar or else `days` after that.
    """

    scenario: str
    alert: str
    days: float
    churn: float = 0.03
    bars: tuple[tuple[float, float], ...] = ()  # strength -> days
    delay: float = 0.0
    step: float = 1
    late: bool = False  # events are delivered late


TRIALS = (
    Trial("churn-spike", "SubpulseChurnSpike", 7, bars=((2, 7), (3, 3), (5, 3))),
    Trial("churn-spike", "SubpulseChurnSpike", 3, churn=0.08, bars=((2, 3), (3, 3), (5, 3))),
    Trial("twenty-new-twenty-lost", "SubpulseChurnSpike", 7, bars=((2, 7), (3, 3), (4, 3))),
    Trial("payment-outage", "SubpulsePaymentOutage", 1, bars=((0.7, 0.5), (0.85, 0.5), (1.0, 0.5))),
    Trial("price-increase", "SubpulsePlanChurnSpike", 7),
    Trial("announced-churn", "SubpulseScheduledCancellationsRising", 14, step=2),
    Trial("refund-wave", "SubpulseRefundWave", 7, step=2),
    Trial("refund-wave", "SubpulseGuaranteeRefundsRising", 28, step=6),
    Trial("ingestion-stall", "SubpulseIngestionStalled", 1, step=0.5, late=True),
    Trial("launch-spike", "SubpulseChurnSpike", 7, delay=28, step=2),
    Trial("bad-channel", "SubpulseTrialConversionDrop", 45, step=6),
)


@dataclass(frozen=True)
class Case:
    """One run: a trial at a strength with a seed; without a trial, quiet for so many days."""

    seed: int
    churn: float
    trial: Trial | None = None
    strength: float = 0.0
    days: float = QUIET_DAYS

    @property
    def key(self) -> str:
        """Its name among the results."""
        name = self.trial.scenario if self.trial else QUIET
        return f"{name} {self.strength:g} at {self.churn:g}, {self.days:g} days, seed {self.seed}"


def quiet_cases(seeds: int, days: float, churn: float = 0.03) -> Iterator[Case]:
    """Nothing happens."""
    return (Case(seed, churn, days=days) for seed in range(1, seeds + 1))


def trial_cases(trial: Trial, seeds: int) -> Iterator[Case]:
    """All strengths of a trial, each for as long as its bar gives it."""
    for strength in load(trial.scenario).strengths:
        days = dict(trial.bars).get(strength, trial.days)
        for seed in range(1, seeds + 1):
            yield Case(seed, trial.churn, trial, strength, days)
