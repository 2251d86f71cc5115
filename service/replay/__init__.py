"""Figures from files, without Kafka, through the same decoding, records, facts, summaries and view."""

from service.replay.decoding import FileDecoder
from service.replay.lines import FileError, Line, read_batches, read_lines, require
from service.replay.replay import MAX, AsOf, Refusal, Replayed, replay

__all__ = [
    "MAX", "AsOf", "FileDecoder", "FileError", "Line", "Refusal", "Replayed", "read_batches", "read_lines",
    "replay", "require",
]  # fmt: skip
