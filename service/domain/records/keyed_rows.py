"""Rows of customers' logs by their identity: whether there is one, where it is, and one more."""

from service.domain.records import transitions
from service.domain.records.customer import Customer, appended
from service.domain.records.identity import SIZE
from service.domain.records.lengths import INDEXED_BYTES
from service.domain.records.rows import CANCELLATION, CONTACT, ORDER, REFUND, find

ROW_BYTES = {
    "orders": ORDER.itemsize,
    "refunds": REFUND.itemsize,
    "cancellations": CANCELLATION.itemsize,
    "contacts": CONTACT.itemsize,
}


class KeyedRows:
    """Looks through logs that are not long, and keeps an index of those that are."""

    def __init__(self) -> None:
        self._indexes: dict[tuple[str, str], dict[bytes, int]] = {}  # name, log -> identity -> place

    def holds(self, name: str, customer: Customer, log: str, key: bytes) -> bool:
        """Whether the customer's log has a row with this identity."""
        if log != "transitions":
            return self.position(name, customer, log, key) >= 0
        if len(customer.transitions) < INDEXED_BYTES:
            return key in customer.transitions  # the rows differ in length: it may begin anywhere
        return key in self._index(name, customer, log)

    def position(self, name: str, customer: Customer, log: str, key: bytes) -> int:
        """Where the row with this identity starts in a log of ROW_BYTES; -1 if there is none."""
        rows = getattr(customer, log)
        if len(rows) < INDEXED_BYTES:
            return find(rows, key, ROW_BYTES[log])
        return self._index(name, customer, log).get(key, -1)

    def append(self, name: str, customer: Customer, log: str, key: bytes, row: bytes) -> None:
        """Put a row, whose identity is `key`, at the end of the customer's log."""
        rows = getattr(customer, log)
        if (index := self._indexes.get((name, log))) is not None:
            index[key] = len(rows)
        setattr(customer, log, appended(rows, row))

    def forget(self, name: str) -> None:
        """Rows are gone from the customer's logs."""
        for log in ROW_BYTES:
            self._indexes.pop((name, log), None)

    def forget_all_of(self, name: str) -> None:
        """There is no such customer any more."""
        self.forget(name)
        self._indexes.pop((name, "transitions"), None)

    def forget_all(self) -> None:
        """Records came from elsewhere."""
        self._indexes.clear()

    def _index(self, name: str, customer: Customer, log: str) -> dict[bytes, int]:
        index = self._indexes.get((name, log))
        if index is None:
            index = self._indexes[name, log] = _places(customer, log)
        return index


def _places(customer: Customer, log: str) -> dict[bytes, int]:
    """Where each row of a log starts; of a transition only that it is there counts."""
    if log == "transitions":
        held = transitions.unpacked(customer.transitions, customer.transition_count)
        return {transition.id: number for number, transition in enumerate(held)}
    rows = getattr(customer, log)
    return {bytes(rows[at : at + SIZE]): at for at in range(0, len(rows), ROW_BYTES[log])}
