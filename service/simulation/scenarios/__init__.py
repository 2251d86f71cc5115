"""Scenarios: what may befall the simulated business, as files; `shipped/` holds those that come along."""

from service.simulation.scenarios.load import ScenarioError, load, shipped
from service.simulation.scenarios.model import Change, Concern, Scenario

__all__ = ["Change", "Concern", "Scenario", "ScenarioError", "load", "shipped"]
