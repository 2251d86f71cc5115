"""Figures from files, without Kafka, through the same decoding, records, facts, summaries and view."""

from service.replay.decoding import FileDecoder
from service.replay.lines import FileError, Line, read_batches, read_lines, require
from service.replay.past import past
from service.replay.replay import MAX, AsOf, Replayed, replay
from service.replay.taking import Refusal

__all__ = [
    "MAX", "AsOf", "FileDecoder", "FileError", "Line", "Refusal", "Replayed", "past", "read_batches",
    "read_lines", "replay", "require",
]  # fmt: skip
