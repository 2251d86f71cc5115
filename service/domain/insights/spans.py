"""Spans of time by customer: what overlaps or touches is one; and which rows belong to which customer."""

from typing import NamedTuple

import numpy as np


class Spans(NamedTuple):
    """By customer and time; `first`: it is the earliest of its customer."""

    customer: np.ndarray
    start: np.ndarray
    end: np.ndarray
    first: np.ndarray


def joined(customer: np.ndarray, start: np.ndarray, end: np.ndarray) -> Spans:
    """The spans that rows (in any order) make together."""
    order = np.lexsort((start, customer))
    customer, number = customer[order], len(customer)
    instants, places = np.unique(np.concatenate([start[order], end[order]]), return_inverse=True)
    # Customer and instant in one number, so that one running maximum serves all customers.
    before = customer.astype("i8") * len(instants)
    begins, reached = before + places[:number], np.maximum.accumulate(before + places[number:])
    opens = np.append(True, begins[1:] > reached[:-1])[:number]
    closes = np.append(opens[1:], True)[:number]
    whose, ends = customer[opens], instants[reached[closes] - before[closes]]
    first = np.append(True, whose[1:] != whose[:-1])[: len(whose)]
    return Spans(whose, start[order][opens], ends, first)


def pairs(customer: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of some customers (repetitions allowed) each row `of` that customer, in the order of rows: the
    places of both."""
    order = np.argsort(of, kind="stable")
    begins, ends = (np.searchsorted(of[order], customer, side=side) for side in ("left", "right"))
    counts = ends - begins
    places = np.repeat(np.arange(len(customer)), counts)
    steps = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places, order[begins[places] + steps]
