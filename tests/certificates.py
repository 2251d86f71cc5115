"""Certificates for 127.0.0.1 by an authority of the tests' own, as files."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization


@dataclass(frozen=True)
class Files:
    """PEM files of one server."""

    authorities: Path
    certificate: Path  # with its chain
    key: Path  # PKCS#8, as Java wants it
    identity: Path  # key and certificate together


def certificates(folder: Path) -> Files:
    """Write them to `folder`."""
    files = Files(*(folder / f"{name}.pem" for name in ("authorities", "certificate", "key", "identity")))
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1")
    key = serialization.load_pem_private_key(server.private_key_pem.bytes(), None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = b"".join(part.bytes() for part in server.cert_chain_pems)
    authority.cert_pem.write_to_path(files.authorities)
    files.certificate.write_bytes(chain)
    files.key.write_bytes(key)
    files.identity.write_bytes(key + chain)
    return files
