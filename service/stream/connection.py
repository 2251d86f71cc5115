"""How every Kafka client of this process reaches the broker: one place for addresses, TLS and SASL."""

import ssl
from typing import Any

from service.settings import Settings

CLIENT_ID = "subpulse"


def client_options(settings: Settings) -> dict[str, Any]:
    """Options that any aiokafka client takes."""
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
    """Certificates are always verified, host names too."""
    context = ssl.create_default_context(cafile=settings.tls_ca_file)
    if settings.tls_certificate_file is not None:
        password = settings.tls_key_password
        context.load_cert_chain(
            settings.tls_certificate_file,
            settings.tls_key_file,
            password.get_secret_value() if password else None,
        )
    return context
