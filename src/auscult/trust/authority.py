"""A certificate authority of the clinic's own, for a network that no public authority can name.

A phone gives its microphone to a page only over TLS, and no public authority signs for 192.168.1.20. So the clinic
signs for itself, and each phone is told once to trust it. What that trust is good for is bounded in the certificate:
name constraints (RFC 5280, section 4.2.1.10, critical as it demands) allow private addresses and local names only, so
a stolen key cannot pretend to be a bank. OpenSSL is seen to keep to that (tests/unit/trust/test_authority.py). RFC 5280
leaves it to a client whether it checks the constraints of a root itself (section 6.1 begins behind it): one that does
not is no worse off than with any other private authority.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from auscult.domain.errors import InvalidError, UnavailableError

Ip = IPv4Address | IPv6Address

AUTHORITY_DAYS: Final = 3650
"""Ten years: longer than a phone lasts, so nobody is asked twice."""
SERVER_DAYS: Final = 397
"""The longest that browsers take (CA/Browser Forum Baseline Requirements 6.3.2; Apple refuses 398 and more)."""
CLIENT_DAYS: Final = 397
RENEW_BEFORE: Final = timedelta(days=30)
_BACKDATED: Final = timedelta(days=1)
"""A phone whose clock is a little slow still believes a fresh certificate."""

PERMITTED_NETWORKS: Final = tuple(
    ip_network(one)
    for one in (
        "10.0.0.0/8",  # RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # RFC 6598: carriers' and overlay networks, never routed publicly
        "169.254.0.0/16",  # RFC 3927
        "127.0.0.0/8",
        "fc00::/7",  # RFC 4193
        "fe80::/10",
        "::1/128",
    )
)
PERMITTED_DOMAINS: Final = ("localhost", "local", "lan", "internal", "home.arpa")
"""Names that no public name service answers: RFC 6761, RFC 6762, RFC 8375, ICANN's .internal, and routers' .lan."""

_COMMON_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""No dots: OpenSSL takes a common name with dots for a host name, and the constraints would refuse it."""
_HOST_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, both PEM, and when it ends (aware UTC). The key is in no representation of it."""

    certificate: bytes
    key: bytes
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Issued(expires_at={self.expires_at.isoformat()})"

    @property
    def pem(self) -> bytes:
        """The key with its certificate, as `ssl.SSLContext.load_cert_chain` and Mosquitto read it."""
        return self.key + self.certificate


class Authority:
    """Signs for servers on private addresses, and for devices that show who they are with a certificate."""

    def __init__(
        self, folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, now: Callable[[], datetime]
    ) -> None:
        """Use `Authority.open`."""
        self._folder = folder
        self._certificate = certificate
        self._key = key
        self._now = now

    @classmethod
    def open(cls, folder: Path, now: Callable[[], datetime]) -> Authority:
        """Read the authority in `folder/authority.pem`, or make one (EC P-256, mode 0600) when there is none.

        Two processes that start at once agree on one. `now` returns aware UTC. Raises `UnavailableError` when the file
        cannot be read or made, may be read by others, holds no authority, or when that has ended.
        """
        path = folder / "authority.pem"
        try:
            if not path.exists():
                _write_new(path, _fresh_authority(now()))
            held = _private(path)
        except OSError as error:
            raise UnavailableError(
                f"The clinic's certificate authority cannot be used ({error.strerror}).",
                remedy=f"Check that {path} and its folder belong to the user that runs Auscult.",
            ) from error
        certificate, key = _parsed(held, path)
        authority = cls(folder, certificate, key, now)
        authority._in_its_time(path)
        return authority

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, PEM: what a phone is told to trust. It holds no secret."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def name(self) -> str:
        """What a phone's list of authorities calls it."""
        return str(self._certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def der(self) -> bytes:
        """The same in DER, which is what Android's and Apple's installers take."""
        return self._certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate as people compare it: `AB:CD:…`, 32 bytes."""
        return ":".join(f"{byte:02X}" for byte in sha256(self.der).digest())

    @property
    def expires_at(self) -> datetime:
        """When the authority ends; aware UTC."""
        return self._certificate.not_valid_after_utc

    def issue_server(self, names: Sequence[str | Ip]) -> Issued:
        """A certificate for a server that is called by these names and addresses, good for at most 397 days.

        Raises `InvalidError` for no name at all, and for one that the authority may not speak for.
        """
        wanted = permitted(names)
        return self._issue(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Auscult")]),
            SERVER_DAYS,
            ExtendedKeyUsageOID.SERVER_AUTH,
            x509.SubjectAlternativeName(
                [x509.DNSName(one) if isinstance(one, str) else x509.IPAddress(one) for one in wanted]
            ),
        )

    def issue_client(self, common_name: str) -> Issued:
        """A certificate with which a device shows that it is `common_name`: 1 to 64 of A-Z, a-z, 0-9, `_` and `-`.

        Raises `InvalidError` for any other name.
        """
        if not _COMMON_NAME.fullmatch(common_name):
            raise InvalidError(
                "A device's certificate cannot have this name.",
                remedy="Use 1 to 64 letters, digits, hyphens and underscores: the device's id is best.",
            )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        return self._issue(subject, CLIENT_DAYS, ExtendedKeyUsageOID.CLIENT_AUTH)

    def keep_server(self, what: str, names: Sequence[str | Ip]) -> Path:
        """A file (mode 0600) with key and certificate for a server; kept while it is for these names and good.

        `what` names the server (`web`, `broker`). Call it at start and once in a while: fewer than 30 days before its
        end, or when the names have changed, the file is replaced, whole. Raises what `issue_server` does, and
        `UnavailableError` when it cannot be written.
        """
        path = self._folder / f"{what}.pem"
        wanted = permitted(names)
        try:
            if not self._still_good(path, wanted):
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                _replace(path, self.issue_server(wanted).pem)
        except OSError as error:
            raise UnavailableError(
                f"The server's certificate cannot be written ({error.strerror}).",
                remedy=f"Check that {path} and its folder belong to the user that runs Auscult.",
            ) from error
        return path

    def _still_good(self, path: Path, names: Sequence[str | Ip]) -> bool:
        try:
            held = x509.load_pem_x509_certificate(_private(path))
            held.verify_directly_issued_by(self._certificate)
            told = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, TypeError, InvalidSignature, UnavailableError, x509.ExtensionNotFound):
            return False
        known = {*told.get_values_for_type(x509.DNSName), *told.get_values_for_type(x509.IPAddress)}
        now = self._now()
        return set(names) == known and held.not_valid_before_utc <= now < held.not_valid_after_utc - RENEW_BEFORE

    def _issue(
        self, subject: x509.Name, days: int, purpose: x509.ObjectIdentifier, *more: x509.ExtensionType
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        begins = self._now() - _BACKDATED
        ends = min(begins + timedelta(days=days), self.expires_at)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(max(begins, self._certificate.not_valid_before_utc))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        for extension in more:
            builder = builder.add_extension(extension, critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        return Issued(signed.public_bytes(serialization.Encoding.PEM), _pem(key), signed.not_valid_after_utc)

    def _in_its_time(self, path: Path) -> None:
        if self._now() < self._certificate.not_valid_before_utc:
            raise UnavailableError(
                "The clock of this machine stands before the day on which the certificate authority was made.",
                remedy="Set the clock, then start again.",
            )
        if self._now() >= self.expires_at:
            raise UnavailableError(
                "The clinic's certificate authority has ended.",
                remedy=f"Move {path} away and start again; every phone has to trust the new one.",
            )


def permitted(names: Sequence[str | Ip]) -> tuple[str | Ip, ...]:
    """These names as certificates hold them, each once. Raises `InvalidError` for none, or one beyond the constraints.

    Text that is an address counts as the address; a name is taken in lower case.
    """
    found: dict[str | Ip, None] = {}
    for name in names:
        one = _name_or_address(name)
        if isinstance(one, str):
            good = _HOST_NAME.fullmatch(one) is not None and any(
                one == domain or one.endswith(f".{domain}") for domain in PERMITTED_DOMAINS
            )
        else:
            good = may_sign_for(one)
        if not good:
            raise InvalidError(
                "The clinic's own authority signs for private addresses and local names only.",
                remedy="For a public name use a certificate of your own: `auscult up --tls CERT --tls-key KEY`.",
            )
        found[one] = None
    if not found:
        raise InvalidError("A server's certificate needs a name or an address.", remedy="Name at least one.")
    return tuple(found)


def may_sign_for(address: Ip) -> bool:
    """True for an address that the clinic's authority may speak for."""
    return any(address in network for network in PERMITTED_NETWORKS)


def _name_or_address(name: str | Ip) -> str | Ip:
    if not isinstance(name, str):
        return name
    try:
        return ip_address(name)
    except ValueError:
        return name.lower()


def _fresh_authority(now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # The end of the name tells two clinics' authorities apart in a phone's list.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Auscult"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Auscult clinic {identifier.digest[:4].hex().upper()}"),
        ]
    )
    begins = now - _BACKDATED
    constraints = x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(one) for one in PERMITTED_DOMAINS),
            *(x509.IPAddress(one) for one in PERMITTED_NETWORKS),
        ],
        excluded_subtrees=None,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return _pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def _usage(*, digital_signature: bool = False, signs: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _parsed(held: bytes, path: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate(held)
        key = serialization.load_pem_private_key(held, password=None)
        if isinstance(key, ec.EllipticCurvePrivateKey) and certificate.public_key() == key.public_key():
            return certificate, key
    except (ValueError, TypeError):
        pass  # told below, together with a file that holds something else
    raise UnavailableError(
        "The file of the clinic's certificate authority does not hold one.",
        remedy=f"Restore {path} from a backup; or move it away, and every phone has to trust a new one.",
    )


def _private(path: Path) -> bytes:
    """What the file holds. Raises `UnavailableError` when others may read or write it."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if os.name == "posix" and mode & 0o077:
            raise UnavailableError(
                f"The key of the clinic's certificates may be read or written by others (mode {mode:04o}).",
                remedy=f"Run: chmod 600 {path}. If others had access to this machine, move it away and start again.",
            )
        return file.read(65536)


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet; one that a faster process wrote stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = _draft(path, data)
    try:
        # A link appears whole or not at all and, unlike a rename, never replaces what another process made.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    _draft(path, data).replace(path)


def _draft(path: Path, data: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{sha256(data).hexdigest()[:8]}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft
