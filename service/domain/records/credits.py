"""Who was named as referrer, by how many: kept on the referrer's partition under a hash of the name.

Credits wait there whether a customer of that name is known or not, so it does not matter who comes first.
"""

from typing import NamedTuple

from service.domain.records.credit_key import CreditHashes
from service.domain.records.customer import EVER, NEVER, Credits, Log, Removed, Told, appended
from service.domain.records.rows import credit_row, each_credit


class Credit(NamedTuple):
    """What the partition of who signed up tells that of the referrer: whom (hash) somebody (token) named at
    an instant, microseconds; None takes back what was told of the two before."""

    referrer: bytes
    token: bytes
    at: int | None


class Credited:
    """The credits of the customers of one partition number. Empty where nobody is ranked by referral."""

    def __init__(self, hashes: CreditHashes, changed: Told, removed: Removed, *, heirs: bool) -> None:
        """`changed` and `removed` are told what is to be written, and what is to be deleted.
        `heirs`: see `Partition`."""
        self.held: dict[str, Credits] = {}
        self.undrawn: set[str] = set()
        self._hashes, self._changed, self._removed = hashes, changed, removed
        self._heirs: dict[str, list[tuple[int, str | None]]] | None = {} if heirs else None

    def take(self, credit: Credit) -> int:
        """Keep a credit; the earliest instant as of which that changes anything, NEVER if there is none."""
        name = credit.referrer.hex()
        owner = None if credit.at is None else self._owner(name, credit.at)
        stale = self._lives(name) - {owner}  # a token counts for one life of a name only
        changes = min((self._take_back(life, credit.token) for life in stale), default=NEVER)
        if owner is None or credit.at is None:
            return changes
        self._add(owner, credit_row(credit.token, credit.at))
        return min(changes, credit.at)

    def _owner(self, name: str, at: int) -> str | None:
        """Under which hash a naming of this instant belongs; None if under none."""
        for until, heir in self._heirs_of(name):
            if at <= until:
                return heir
        held = self.held.get(name)
        return None if held is not None and at <= held.newest else name

    def _lives(self, name: str) -> set[str]:
        """Under which hashes there may be credits of who was named so."""
        return {name, *(heir for _, heir in self._heirs_of(name) if heir is not None)}

    def _heirs_of(self, name: str) -> list[tuple[int, str | None]]:
        return self._heirs.get(name, []) if self._heirs else []

    def _take_back(self, name: str, token: bytes) -> int:
        """When this token had named the referrer; NEVER if it had not."""
        held = self.held.get(name)
        at = NEVER if held is None else latest(held.rows).get(token, NEVER)
        if at != NEVER:
            self._add(name, credit_row(token, NEVER))
        return at

    def _add(self, name: str, rows: bytes) -> None:
        held = self.held.setdefault(name, Credits())
        held.rows = appended(held.rows, rows)
        self._touched(name)

    def _touched(self, name: str) -> None:
        self._hashes.used()
        self._changed(Credits, name)
        self.undrawn.add(name)

    def erased(self, name: str, at: int, mark: str, surrogate: str | None) -> None:
        """A customer is erased: the credits up to then are the surrogate's, if there is one; later ones are
        those of a new customer of the old name."""
        old, new = self._hash(name), None if surrogate is None else self._hash(surrogate)
        former = self.held.pop(old, None)
        rows = {} if former is None else latest(former.rows)
        if former is not None:
            self._removed(Credits, old, former.sealed)
        self.held[old] = Credits(newest=at, rows=_packed(rows, at + 1, NEVER - 1), mark=mark)
        self._touched(old)
        if new is not None and (mine := _packed(rows, EVER, at)):
            self._add(new, mine)
        if self._heirs is not None:
            self._heirs.setdefault(old, []).append((at, new))

    def forget_marks(self, marks: set[str]) -> None:
        """These marks of erasures are gone; with them goes what else stands for the people they meant."""
        for name, held in [(name, held) for name, held in self.held.items() if held.mark in marks]:
            if held.rows:
                held.newest, held.mark = EVER, ""
                self._touched(name)
            else:
                del self.held[name]
                self._removed(Credits, name, held.sealed)

    def _hash(self, name: str) -> str:
        return self._hashes.hash(name).hex()


def latest(rows: Log) -> dict[bytes, int]:
    """The last instant of each token."""
    return dict(each_credit(rows))


def _packed(rows: dict[bytes, int], first: int, last: int) -> bytes:
    """Those of the rows whose instants lie between these two."""
    return b"".join(credit_row(token, at) for token, at in rows.items() if first <= at <= last)
