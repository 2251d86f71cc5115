"""Records as columns: the facts of one partition, from which every figure is computed."""

from service.domain.facts.facts import Facts

__all__ = ["Facts"]
