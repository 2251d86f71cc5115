"""What was asked of the demo."""

from dataclasses import dataclass

DAYS_OF_HISTORY = 730

SPIKE = 10.0
"""Churn in a spike: times the usual."""


@dataclass(frozen=True)
class Wish:
    """The options of `subpulse demo`."""

    once: bool  # end after the first full figures
    spike: bool  # begin live mode with the churn spike on
    customers: int  # that sign up by themselves in two years of history
    seed: int
    hours_a_second: float  # of business, in live mode
    workers: int
    partitions: int
    http_port: int  # of the first worker; 0 picks free ones
