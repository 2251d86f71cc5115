"""How every Kafka client of this process reaches the broker: one place for addresses, TLS and SASL."""

import ssl
from collections.abc import Mapping
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from service.errors import UserError
from service.settings import Settings
from service.stream.endings import PERSON_NEEDED

CLIENT_ID = "subpulse"
PATIENCE_MS = 5_000


class AccessError(UserError):
    """A broker answers, and does not let us in, or is not the one it should be: to try again cannot help."""

    exit_code = PERSON_NEEDED


class AbsentError(UserError):
    """No broker answers; it may later."""


async def start(client: Any) -> None:
    """Start a producer or consumer; one that cannot start is closed again."""
    try:
        await client.start()
    except BaseException:
        await client.stop()
        raise


def client_options(settings: Settings) -> dict[str, Any]:
    """Options that any aiokafka client takes.

    Raises:
        AccessError: a certificate or key of the settings cannot be used.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.brokers,
        "client_id": CLIENT_ID,
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = tls_context(settings)
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = settings.password
    return options


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Certificates are always verified, host names too. Raises AccessError."""
    try:
        context = ssl.create_default_context(cafile=settings.tls_ca_file)
    except ssl.SSLError:
        raise AccessError(
            f"setting tls_ca_file: {settings.tls_ca_file} holds no certificates (PEM)"
        ) from None
    if settings.tls_certificate_file is not None:
        secret = settings.tls_key_password
        password = secret.get_secret_value() if secret else ""  # None would ask whoever sits at the terminal
        try:
            context.load_cert_chain(settings.tls_certificate_file, settings.tls_key_file, password)
        except (ssl.SSLError, ValueError):
            raise AccessError(
                "settings tls_certificate_file and tls_key_file: no PEM, not of each other, or the key's "
                "password (tls_key_password) is another"
            ) from None
    return context


async def admitted(settings: Settings) -> dict[str, Any]:
    """`client_options`, once a broker has let us in with them. Raises as `knock` does."""
    client = client_options(settings)
    await knock(client)
    return client


async def knock(client: Mapping[str, Any]) -> None:
    """See whether any of the brokers answers and lets us in; aiokafka's own clients do not tell why not.

    Raises:
        AccessError: one answers, and none lets us in.
        AbsentError: none answers.
    """
    options = {name: value for name, value in client.items() if name != "bootstrap_servers"}
    why: Exception | None = None
    for host, port, _ in collect_hosts(client["bootstrap_servers"]):
        try:
            connection = await create_conn(host, port, **{**options, "request_timeout_ms": PATIENCE_MS})
        except (KafkaError, OSError, TimeoutError) as error:
            refusal = _refusal(error, f"{host}:{port}", client)
            why = refusal or why or AbsentError(_absence(error, client))
        else:
            connection.close()
            return
    assert why is not None
    raise why


def _refusal(error: Exception, place: str, client: Mapping[str, Any]) -> AccessError | None:
    mechanism = client.get("sasl_mechanism")
    match error:
        case SaslAuthenticationFailed() | AuthenticationFailedError() | IllegalSaslStateError():
            return AccessError(
                f"the broker at {place} refuses the user {client['sasl_plain_username']!r} ({mechanism}): "
                "check the settings sasl_username and sasl_password or sasl_password_file"
            )
        case UnsupportedSaslMechanismError():
            return AccessError(f"the broker at {place} does not take {mechanism}: check sasl_mechanism")
        case ssl.SSLCertVerificationError():
            return AccessError(
                f"the certificate of the broker at {place} cannot be trusted ({error.verify_message}): "
                "check the settings tls_ca_file and brokers"
            )
        case ssl.SSLError():
            return AccessError(
                f"no TLS with the broker at {place} ({error.reason}): check the setting security_protocol"
            )
    return None


def _absence(error: Exception, client: Mapping[str, Any]) -> str:
    return (
        f"no broker answers at {client['bootstrap_servers']} ({error or 'in time'}); "
        "is it up, and do the settings brokers and security_protocol fit?"
    )
