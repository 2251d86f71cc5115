"""Orders at a steady rate, as the curves and the backlog have them arrive."""

import time
from collections.abc import Iterable

import orjson

from benchmarks.live import coming, turns
from benchmarks.load import Pair, orders


def test_every_order_is_handed_out_once_and_the_number_told_is_of_those_handed_out():
    handed = list[int]()
    for due, sent in turns(iter(range(100)), 60, rate=200, began=time.time()):
        handed += due
        assert handed == [*range(sent)]
    assert len(handed) == 60


def placed(pairs: Iterable[Pair]) -> set[str]:
    return {orjson.loads(value)["order_id"] for _, value in pairs}


def test_no_order_that_arrives_is_one_of_those_that_wait_already():
    waiting, arriving = placed(orders(500, 20, 0.01)), placed(coming(500, 20, 100.0, time.time()))
    assert len(waiting) == len(arriving) == 500
    assert not waiting & arriving
