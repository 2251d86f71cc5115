"""A made-up subscription business, told as events on the contract: the source of the demo and of trials.

`Business` is one process from its first day on: history is that process run fast up to now, live mode is
the same process continued. It is pure and seeded: no clock, no Kafka; the same seed tells the same story.
"""

from service.simulation.business import Business, Established, business

__all__ = ["Business", "Established", "business"]
