"""A certificate that the operator brings: read, checked before anything listens, and read again when it is renewed."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from auscult.domain.errors import InvalidError


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """A certificate that fits its key and is good now: the names in it (no wildcards), and its end (aware UTC)."""

    certificate: Path
    key: Path
    names: tuple[str, ...]
    expires_at: datetime
    changed: tuple[int, int]
    """When the two files were written, as the file system counts."""

    @classmethod
    def read(cls, certificate: Path, key: Path, now: datetime) -> OwnCertificate:
        """Read both files. Raises `InvalidError`, with a remedy for each fault, and says nothing of what is in them."""
        chain_text, key_text = _bytes(certificate, "certificate"), _bytes(key, "key")
        try:
            leaf = x509.load_pem_x509_certificates(chain_text)[0]
        except ValueError as error:
            raise InvalidError(
                f"{certificate} holds no certificate.", remedy="Give the full chain in PEM, the server's own first."
            ) from error
        if now >= leaf.not_valid_after_utc:
            raise InvalidError(
                f"The certificate ended on {leaf.not_valid_after_utc:%Y-%m-%d}.", remedy="Renew it, then start again."
            )
        if now < leaf.not_valid_before_utc:
            raise InvalidError(
                f"The certificate is good from {leaf.not_valid_before_utc:%Y-%m-%d} on.",
                remedy="Check the clock of this machine, or use a certificate that is good today.",
            )
        if _private_key(key_text, key).public_key() != leaf.public_key():
            raise InvalidError(
                "The key does not belong to the certificate.", remedy="Give the key that the certificate was made with."
            )
        changed = (certificate.stat().st_mtime_ns, key.stat().st_mtime_ns)
        return cls(certificate, key, _names(leaf), leaf.not_valid_after_utc, changed)

    @property
    def renewed(self) -> bool:
        """True when a file on the disk is not the one that was read."""
        try:
            return (self.certificate.stat().st_mtime_ns, self.key.stat().st_mtime_ns) != self.changed
        except OSError:
            return False

    def load_into(self, context: ssl.SSLContext) -> None:
        """Have new connections served with it. Raises `InvalidError` when OpenSSL does not take it."""
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (ssl.SSLError, OSError) as error:
            raise InvalidError(
                "The certificate cannot be used for TLS.",
                remedy="Use an EC key of 256 bits or an RSA key of 2048 bits or more, with the full chain.",
            ) from error


def server_context() -> ssl.SSLContext:
    """How the server speaks TLS: 1.2 or newer, as Python's defaults for servers have it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _bytes(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidError(
            f"The file of the {what} cannot be read: {error.strerror}.",
            remedy=f"Check that {path} is there and that the user that runs Auscult may read it.",
        ) from error


def _private_key(text: bytes, path: Path) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(text, password=None)
    except TypeError as error:
        raise InvalidError(
            "The key is protected by a password.", remedy=f"Give it without: openssl pkey -in {path} -out new.key"
        ) from error
    except ValueError as error:
        raise InvalidError(f"{path} holds no private key.", remedy="Give the key in PEM.") from error


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        told = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    # A wildcard is no name to call the server by: AUSCULT_PUBLIC_URL says which one people use.
    hosts = [one for one in told.get_values_for_type(x509.DNSName) if "*" not in one]
    addresses = [str(one) for one in told.get_values_for_type(x509.IPAddress)]
    return tuple(one.lower() for one in [*hosts, *addresses])
