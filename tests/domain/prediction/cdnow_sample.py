"""The 2,357 customers of the BG/NBD paper: their first 39 weeks, and what they bought in the 39 after
these."""

from collections import defaultdict
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

END, LATER = date(1997, 9, 30), date(1997, 9, 30) + timedelta(weeks=39)


class Sample(NamedTuple):
    """A row for each customer: repeat purchases, recency and age in weeks, the mean value of repeat purchases
    (0 without any), and how many purchases followed in weeks 40 to 78."""

    frequency: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    spend: np.ndarray
    followed: np.ndarray


def lines() -> list[tuple[str, date, int]]:
    """(customer, day, cents) as in the file of the package `lifetimes`, which is located, not imported."""
    found = find_spec("lifetimes")
    assert found is not None, "the tests need the package lifetimes for its data: ./dev installs it"
    assert found.submodule_search_locations is not None
    text = (Path(found.submodule_search_locations[0]) / "datasets" / "CDNOW_sample.txt").read_text()
    rows = [line.split() for line in text.splitlines()]
    return [
        (customer, date(int(day[:4]), int(day[4:6]), int(day[6:])), round(100 * float(value)))
        for _, customer, day, _, value in rows
    ]


def sample() -> Sample:
    """The customers, by plain loops: purchases of one day are one purchase."""
    spent: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for customer, day, cents in lines():
        spent[customer][day] += cents
    rows = []
    for days in spent.values():
        first = min(days)
        again = [day for day in days if first < day <= END]
        recency, age = (max([first, *again]) - first).days / 7, (END - first).days / 7
        spend = sum(days[day] for day in again) / 100 / max(len(again), 1)
        rows.append((len(again), recency, age, spend, sum(END < day <= LATER for day in days)))
    return Sample(*np.array(rows, "f8").T)
