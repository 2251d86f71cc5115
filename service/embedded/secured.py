"""A broker that lets in only who it knows: TLS, and SCRAM user names with passwords (SASL_SSL)."""

import base64
import hashlib
import os
import secrets
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LISTENER = "SASL_SSL"
MECHANISM = "SCRAM-SHA-512"
_ITERATIONS = 4_096
_ITSELF = "the-broker"  # the user as whom the broker speaks to itself
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True)
class Secured:
    """Whom a broker lets in, and how it shows that it is the right one."""

    identity: Path  # PEM: the broker's key (PKCS#8, not encrypted), then its certificate for 127.0.0.1
    authorities: Path  # PEM: certificates of who signed it
    users: Mapping[str, str]  # name -> password
    _own_password: str = field(default_factory=secrets.token_urlsafe, repr=False)

    @property
    def client(self) -> dict[str, Any]:
        """Options with which an aiokafka client is let in, as the first of the users."""
        name, password = next(iter(self.users.items()))
        return {
            "security_protocol": LISTENER,
            "ssl_context": ssl.create_default_context(cafile=self.authorities),
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": name,
            "sasl_plain_password": password,
        }

    def properties(self) -> dict[str, str]:
        """Settings of the broker, listeners excepted."""
        login = f'{_LOGIN} required username="{_ITSELF}" password="{self._own_password}";'
        return {
            "listener.security.protocol.map": f"{LISTENER}:{LISTENER},CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": LISTENER,
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            f"listener.name.{LISTENER.lower()}.{MECHANISM.lower()}.sasl.jaas.config": login,
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.identity.as_posix(),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.authorities.as_posix(),
        }

    def credentials(self) -> Iterator[str]:
        """What the storage tool writes down of each user: no password, only what it takes to check one."""
        for name, password in {**self.users, _ITSELF: self._own_password}.items():
            salt = os.urandom(32)
            salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
            told = (base64.b64encode(value).decode() for value in (salt, salted))
            yield '{}=[name="{}",iterations={},salt="{}",saltedpassword="{}"]'.format(
                MECHANISM, name, _ITERATIONS, *told
            )
