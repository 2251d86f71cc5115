"""Whom customers named as who sent them, where customers are ranked by referral (definitions, section 6).

The referrer's record may lie on another partition. So the partition of who signed up remembers, under that
customer's own name, whom it named, as a keyed hash; and it tells the referrer's partition by a credit: the
hash, eight random bytes that stand for who signed up, and the instant. No record holds another person's id,
and nothing in a credit leads to who signed up.

The earliest naming counts. It is a minimum, so neither the order of events nor their repetition matters.
"""

from collections.abc import Callable

from service.domain.records.credit_key import CreditHashes
from service.domain.records.credits import Credit
from service.domain.records.customer import Record, Told
from service.domain.records.erasure import Chance

TOKEN_BYTES = 8
NOBODY = b""

Home = Callable[[str], int]
"""The partition number of a customer."""


class Referral(Record, array_like=True, gc=False):
    """Whom a customer named first, under the customer's own name; the instant is `newest`."""

    referrer: bytes = NOBODY  # hash
    place: int = 0  # the partition that has the credit
    token: bytes = b""


class Referrals:
    """Of the customers of one partition number. Empty where nobody is ranked by referral."""

    def __init__(
        self, home: Home | None, hashes: CreditHashes, chance: Chance, changed: Told, gone: Told
    ) -> None:
        """`home`: None where nobody is ranked by referral. `changed` and `gone` are told what is to be
        written, and what is to be deleted."""
        self.held: dict[str, Referral] = {}
        self.waiting: list[tuple[int, Credit]] = []  # with the partition that is to be told
        self._home, self._hashes, self._chance = home, hashes, chance
        self._changed, self._gone = changed, gone

    @property
    def wanted(self) -> bool:
        """Whether customers are ranked by referral."""
        return self._home is not None

    def named(self, name: str, referrer: str, at: int, before: int | None) -> None:
        """A sign-up of a customer names a referrer. `before`: when the customer first named anybody, as far
        as was known so far.

        Who names itself, or several at the earliest instant, credits nobody. Where the earliest came before
        the ranking was switched on it is not known whom it named: then nobody is credited either.
        """
        if self._home is None or (before is not None and before < at):
            return
        former, whom = self.held.get(name), NOBODY if referrer == name else self._hashes.hash(referrer)
        if former is not None and at == former.newest:
            if former.referrer in (NOBODY, whom):
                return
            whom = NOBODY
        token = self._chance(TOKEN_BYTES) if former is None else former.token
        if former is not None and former.referrer not in (NOBODY, whom):
            self.waiting.append((former.place, Credit(former.referrer, token, None)))
        place = 0
        if whom != NOBODY:
            place = self._home(referrer)
            self.waiting.append((place, Credit(whom, token, at)))
        self._hashes.used()
        self.held[name] = Referral(at, (), whom, place, token)
        self._changed(Referral, name)

    def forget(self, name: str) -> None:
        """A customer is erased: it stays credited, and it is not known any more by whom."""
        if self.held.pop(name, None) is not None:
            self._gone(Referral, name)

    def told(self) -> list[tuple[int, Credit]]:
        """What waits to be told to other partitions, and to this one; from now on nothing does."""
        waiting, self.waiting = self.waiting, []
        return waiting
