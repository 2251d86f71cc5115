"""One customer's life: apply an event, fold what is old, pack it for the changelog."""

from service.domain.records.draft import Draft
from service.domain.records.erasure import WrongSecretError
from service.domain.records.outcome import Limits, Outcome, all_applied, applied
from service.domain.records.packing import UnknownFormatError
from service.domain.records.partition import Partition, deliver
from service.domain.records.placing import COMPILED

__all__ = [
    "COMPILED",
    "Draft",
    "Limits",
    "Outcome",
    "Partition",
    "UnknownFormatError",
    "WrongSecretError",
    "all_applied",
    "applied",
    "deliver",
]
