"""Waiting for a process that is measured."""

import sys

import pytest

from benchmarks.measured import Measured


def test_whoever_waits_for_a_process_that_ends_is_told_what_for_and_what_it_said_last():
    process = Measured([sys.executable, "-c", "print('cannot go on')"])
    try:
        with pytest.raises(RuntimeError, match=r"(?s)^no complete figures from .*: cannot go on"):
            process.until(lambda: False, 60, "complete figures")
    finally:
        process.end()


def test_whoever_waits_for_words_of_a_process_goes_on_when_they_are_there():
    process = Measured(
        [sys.executable, "-uc", "import time; time.sleep(0.1); print('ready'); time.sleep(60)"]
    )
    try:
        process.until_told("ready", 60)
        assert not process.ended()
    finally:
        process.end()
