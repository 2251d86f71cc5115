"""Columns of equal length whose rows belong to somebody, so that one customer's rows can be replaced."""

from collections.abc import Mapping, Sequence

import numpy as np

Columns = Mapping[str, np.ndarray]


class Table:
    """Named numpy columns; the number of the `owner` is always one of them. With `sorted_by`, rows stay in
    that order."""

    def __init__(self, sorted_by: str | None = None, *, owner: str = "customer", **dtypes: str) -> None:
        self._sorted_by, self._owner = sorted_by, owner
        self._columns: dict[str, np.ndarray] = {
            name: np.empty(0, dtype) for name, dtype in {owner: "i4", **dtypes}.items()
        }

    def __getitem__(self, name: str) -> np.ndarray:
        return self._columns[name]

    def __len__(self) -> int:
        return len(self._columns[self._owner])

    def set(self, name: str, column: np.ndarray) -> None:
        """Put another column of the same length in the place of `name`."""
        self._columns[name] = column

    def columns(self, rows: Sequence[tuple[object, ...]]) -> dict[str, np.ndarray]:
        """Rows (owner first, then the columns in their order) as columns of the right types."""
        parts = zip(*rows, strict=True) if rows else [()] * len(self._columns)
        return {
            name: _as_column(part, column.dtype)
            for part, (name, column) in zip(parts, self._columns.items(), strict=True)
        }

    def replace(self, touched: np.ndarray, rows: Columns) -> None:
        """Drop all rows of the `touched` owners (a mask by their numbers) and put `rows` in.

        The rows of one owner must be given in the order in which they are to stand.
        """
        stay = ~touched[self._columns[self._owner]]
        for name, column in self._columns.items():
            self._columns[name] = column[stay]
        self.extend(rows)

    def extend(self, rows: Columns) -> None:
        """Put `rows` in, and nothing out."""
        if self._sorted_by is None:
            for name, column in self._columns.items():
                self._columns[name] = np.concatenate([column, rows[name]])
            return
        order = np.argsort(rows[self._sorted_by], kind="stable")
        places = np.searchsorted(self._columns[self._sorted_by], rows[self._sorted_by][order], side="right")
        last = len(places) > 0 and places[0] == len(self)  # as nearly always: to append is less work
        for name, column in self._columns.items():
            new = rows[name][order]
            self._columns[name] = np.concatenate([column, new]) if last else np.insert(column, places, new)


def _as_column(values: Sequence[object], dtype: np.dtype) -> np.ndarray:
    """As `dtype`, or as Python's own integers where a value needs more than 64 bits."""
    try:
        return np.array(values, dtype)
    except OverflowError:
        return np.array(values, object)
