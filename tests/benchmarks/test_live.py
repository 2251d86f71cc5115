"""Orders at a steady rate, as the curves and the backlog have them arrive."""

import time

from benchmarks.live import turns


def test_every_order_is_handed_out_once_and_the_number_told_is_of_those_handed_out():
    handed = list[int]()
    for due, sent in turns(iter(range(100)), 60, rate=200, began=time.time()):
        handed += due
        assert handed == [*range(sent)]
    assert len(handed) == 60
