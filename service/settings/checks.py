"""Checks of single settings and of how they fit together. Each raises ValueError with what is wrong."""

import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from service.domain.metrics import Definitions

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{16,}=*")
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")


LEAST_SECRET = 16
SECRETS = f"{LEAST_SECRET} or more characters"


def brokers(text: str) -> str:
    """Addresses of brokers, without blanks."""
    addresses = [part.strip() for part in text.split(",")]
    for address in addresses:
        found = _ADDRESS.fullmatch(address)
        if not found or not 1 <= int(found[2]) <= 65_535:
            raise ValueError(f"{address!r} is not HOST:PORT")
    return ",".join(addresses)


def time_zone(name: str) -> str:
    """A name that this system's or Python's time zone database knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path, a folder of the database
        raise ValueError(f"{name!r} is not a known time zone") from None
    return name


def words(value: Any) -> Any:
    """Environment variables hold lists as words separated by commas or blanks."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def windows(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of windows, each once."""
    from service.domain.metrics import check

    return check(names)


def default_windows() -> tuple[str, ...]:
    """All windows of the definitions."""
    from service.domain.metrics import DEFAULT_WINDOWS

    return DEFAULT_WINDOWS


def fraction(value: Any) -> Any:
    """Decimal numbers as they are written, so that 0.7 is seven tenths exactly."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    if isinstance(value, (str, int, float)):
        try:
            return Fraction(str(value).strip())
        except (ValueError, ZeroDivisionError):
            raise ValueError("not a number") from None
    return value


def share(value: Fraction) -> Fraction:
    """Above 0 and up to 1."""
    if not 0 < value <= 1:
        raise ValueError("out of range")
    return value


def at_least_one(value: Fraction) -> Fraction:
    """From 1 to 100."""
    if not 1 <= value <= 100:
        raise ValueError("out of range")
    return value


def instant(text: str | None) -> str | None:
    """An instant as events have it."""
    from schemas.instants import parse_instant

    if text is not None:
        parse_instant(text)
    return text


def readable_file(path: Path) -> Path:
    """A file that this process can open."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from None
    return path


def token(secret: str | None) -> None:
    """What may follow `Bearer` in a request (RFC 6750), and not too easy to guess."""
    if secret is not None and not _TOKEN.fullmatch(secret):
        raise ValueError(
            "the bearer token (http_token, http_token_file) is too short, or has other characters"
        )


def erasure(given: Collection[str], secret: str | None) -> None:
    """The secret is given once, and cannot be guessed."""
    if {"erasure_secret", "erasure_secret_file"} <= set(given):
        raise ValueError("erasure_secret and erasure_secret_file are both set: keep one of them")
    if secret is not None and len(secret) < LEAST_SECRET:
        raise ValueError(f"erasure_secret (or what erasure_secret_file holds) is not {SECRETS}")


def referral(wanted: bool, secret: str | None) -> None:
    """What partitions tell each other of customers stands for them only to who knows a secret."""
    if wanted and secret is None:
        raise ValueError(
            "referral_ranks needs a secret: partitions tell each other by hashes whom customers named, and "
            "without one whoever reads the topics could test whose they are; set erasure_secret_file to a "
            f"file with {SECRETS}, the same for all workers"
        )


def door(given: Collection[str]) -> None:
    """The `http_…` settings that are given fit together."""
    if ("http_tls_certificate_file" in given) != ("http_tls_key_file" in given):
        raise ValueError(
            "http_tls_certificate_file and http_tls_key_file belong together: set both or neither"
        )
    if {"http_token", "http_token_file"} <= set(given):
        raise ValueError("http_token and http_token_file are both set: keep one of them")


def customers(shown: bool, host: str, token: str | None) -> None:
    """Personal data leave this machine only with a token."""
    if shown and token is None and not is_loopback(host):
        raise ValueError(
            f"customer_api shows personal data to whoever can reach {host} (setting http_host): set "
            "http_token_file"
        )


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach this address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def url(text: str | None) -> str | None:
    """The beginning of the addresses of a worker: nothing behind host and port."""
    if text is None:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"{text!r} is not like https://worker-1:8000")
    return text.rstrip("/")


def horizon(definitions: "Definitions") -> None:
    """No window looks back beyond the horizon: what is folded by then would be missing in it."""
    least, window = definitions.least_horizon_days()
    if definitions.horizon_days < least:
        raise ValueError(
            f"horizon_days {definitions.horizon_days:,} is too short for window {window} (setting windows; "
            f"its previous period and guarantee_days count): set horizon_days to {least:,} or more, or leave "
            "the window out"
        )


def different_topics(topics: Mapping[str, str]) -> None:
    """No two topics (setting -> name) share a name."""
    seen: dict[str, str] = {}
    for field, name in topics.items():
        if name in seen:
            raise ValueError(
                f"{seen[name]} and {field} are both {name!r}: each topic needs a name of its own"
            )
        seen[name] = field


def security(protocol: str, given: Collection[str]) -> None:
    """The credentials that are `given` are complete, and of use with the protocol."""
    passwords = [name for name in ("sasl_password", "sasl_password_file") if name in given]
    sasl = [name for name in ("sasl_username", *passwords) if name in given]
    tls_names = ("tls_ca_file", "tls_certificate_file", "tls_key_file", "tls_key_password")
    tls = [name for name in tls_names if name in given]
    if protocol.startswith("SASL") and len(sasl) < 2:
        raise ValueError(
            f"security_protocol {protocol} needs sasl_username, and sasl_password or sasl_password_file"
        )
    if len(passwords) == 2:
        raise ValueError("sasl_password and sasl_password_file are both set: keep one of them")
    if sasl and not protocol.startswith("SASL"):
        raise ValueError(f"{sasl[0]} is of no use with security_protocol {protocol}: choose SASL_SSL")
    if tls and not protocol.endswith("SSL"):
        raise ValueError(f"{tls[0]} is of no use with security_protocol {protocol}: choose SSL or SASL_SSL")
    if ("tls_certificate_file" in given) != ("tls_key_file" in given):
        raise ValueError("tls_certificate_file and tls_key_file belong together: set both or neither")
