"""How each kind of change acts upon the business: one file a kind, each with what begins it."""

from service.simulation.changes.scheduling import schedule

__all__ = ["schedule"]
