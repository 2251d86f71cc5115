"""What libraries say that is of no concern does not reach the log; what is does."""

import logging

import pytest

from service.logs import Dam


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Group Coordinator Request failed: [Error 15] GroupCoordinatorNotAvailableError", False),
        ("Marking the coordinator dead (node 1)for group subpulse.", False),
        ('Unable connect to "127.0.0.1:9": [Errno 111] Connect call failed', False),
        ("Timer commit is overlapping (interval=1.0 runtime=2.5)", False),
        ("Unable connect to node with id 1: [Errno 111] Connect call failed", True),
        ("Group Coordinator Request failed: NodeNotReadyError", True),
    ],
)
def test_a_healthy_first_start_is_quiet(text: str, shown: bool) -> None:
    record = logging.LogRecord("aiokafka.consumer", logging.ERROR, "", 0, text, (), None)
    assert Dam().filter(record) == shown
    record.name = "subpulse.stream"
    assert Dam().filter(record)
