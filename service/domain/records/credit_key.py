"""What stands for a customer in the records of others, where customers are ranked by referral."""

from hashlib import blake2b, sha512

from service.domain.records.customer import Record, Told
from service.domain.records.erasure import WrongSecretError

HASH_BYTES = 8


class CreditKey(Record, array_like=True, gc=False):
    """Kept once, under no name, as long as there may be hashes."""

    check: str = ""  # the hash of no name at all: tells whether the secret is the same


class CreditHashes:
    """Hashes of customers' names, the same in all partitions: whoever is named on one may live on another."""

    def __init__(self, secret: bytes, changed: Told) -> None:
        self.held: dict[str, CreditKey] = {}
        self._key, self._changed = blake2b(b"referral", key=sha512(secret).digest()).digest(), changed

    def hash(self, name: str) -> bytes:
        """What stands for a name; without the secret nobody can tell whose it is."""
        return blake2b(name.encode(), key=self._key, digest_size=HASH_BYTES).digest()

    def used(self) -> None:
        """A record with a hash is kept from now on."""
        if not self.held:
            self.held[""] = CreditKey(check=self.hash("").hex())
            self._changed(CreditKey, "")

    def verify(self) -> None:
        """Raise WrongSecretError unless the secret is the one that the hashes were made with."""
        if self.held and self.held[""].check != self.hash("").hex():
            raise WrongSecretError(
                "erasure_secret is not the one with which referrals were kept: give all workers the one that "
                "was used before, or compute the state anew with `subpulse rebuild`"
            )
