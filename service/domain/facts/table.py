"""Columns of equal length whose rows belong to somebody, so that one customer's rows can be replaced."""

from collections.abc import Mapping, Sequence

import numpy as np

Columns = Mapping[str, np.ndarray]


class Table:
    """Named numpy columns; the number of the `owner` is always one of them. With `sorted_by`, rows stay in
    that order. Types are the narrowest that do: a column of integers becomes wider when a value needs it."""

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
                self._columns[name] = np.concatenate(_alike(column, rows[name]))
            return
        order = np.argsort(rows[self._sorted_by], kind="stable")
        places = np.searchsorted(self._columns[self._sorted_by], rows[self._sorted_by][order], side="right")
        last = len(places) > 0 and places[0] == len(self)  # as nearly always: to append is less work
        for name in self._columns:
            column, new = _alike(self._columns[name], rows[name][order])
            self._columns[name] = np.concatenate([column, new]) if last else np.insert(column, places, new)


def _alike(column: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both in the column's type if the new values fit into it, else in a wider one."""
    wanted = column.dtype if _fit(new, column.dtype) else np.promote_types(column.dtype, new.dtype)
    return column.astype(wanted, copy=False), new.astype(wanted, copy=False)


def _fit(values: np.ndarray, dtype: np.dtype) -> bool:
    if values.dtype == dtype or not len(values):
        return True
    if values.dtype.hasobject or dtype.hasobject:
        return dtype.hasobject
    limits = np.iinfo(dtype)
    return bool(limits.min <= values.min() and values.max() <= limits.max)


def _as_column(values: Sequence[object], dtype: np.dtype) -> np.ndarray:
    """As `dtype`, or wider; as Python's own integers where a value needs more than 64 bits."""
    for wanted in (dtype, np.dtype("i8")):
        try:
            return np.array(values, wanted)
        except OverflowError:
            continue
    return np.array(values, object)
