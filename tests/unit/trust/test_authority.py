"""The clinic's certificate authority: what its certificates open, and what they must not."""

from __future__ import annotations

import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from auscult.domain.errors import InvalidError, UnavailableError
from auscult.trust.authority import SERVER_DAYS, Authority, Issued

PHONE_SEES = "192.168.1.20"


def clock() -> datetime:
    """The real time: OpenSSL has no other."""
    return datetime.now(UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """A fresh authority."""
    return Authority.open(tmp_path / "tls", clock)


def handshake(
    trusted: bytes, server_pem: Path, name: str, *, client: Issued | None = None, folder: Path | None = None
) -> x509.Certificate | None:
    """Shake hands in memory as a client that opens `https://name`; returns the client's certificate, if it gave one.

    Raises `ssl.SSLError` when either side refuses.
    """
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(server_pem)
    client_side = ssl.create_default_context(cadata=trusted.decode())
    if client is not None and folder is not None:
        server_side.verify_mode = ssl.CERT_REQUIRED
        server_side.load_verify_locations(cadata=trusted.decode())
        path = folder / "client.pem"
        path.write_bytes(client.pem)
        client_side.load_cert_chain(path)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asks = client_side.wrap_bio(to_client, to_server, server_hostname=name)
    answers = server_side.wrap_bio(to_server, to_client, server_side=True)
    waiting = {asks, answers}
    for _ in range(10):
        for side in tuple(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.discard(side)
    assert not waiting
    shown = answers.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(shown) if shown else None


@pytest.mark.parametrize(
    "name", [PHONE_SEES, "10.1.2.3", "127.0.0.2", "fd00::2", "localhost", "clinic.local", "a.b.lan"]
)
def test_a_client_that_trusts_the_authority_opens_a_server_by_each_of_its_names(authority: Authority, name: str):
    kept = authority.keep_server(
        "web", [PHONE_SEES, "10.1.2.3", "127.0.0.2", "fd00::2", "localhost", "clinic.local", "A.B.lan"]
    )
    assert handshake(authority.certificate, kept, name) is None


def test_a_name_that_is_not_in_the_certificate_is_refused(authority: Authority):
    kept = authority.keep_server("web", [PHONE_SEES])
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(authority.certificate, kept, "192.168.1.21")


def test_a_client_that_trusts_another_clinic_refuses(authority: Authority, tmp_path: Path):
    other = Authority.open(tmp_path / "other", clock)
    kept = authority.keep_server("web", [PHONE_SEES])
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(other.certificate, kept, PHONE_SEES)


@pytest.mark.parametrize(
    "name",
    [
        "bank.example",
        "8.8.8.8",
        "2001:4860:4860::8888",
        "local.example",
        "evillocal",
        "*.local",
        ".local",
        "a b.local",
        "",
        "x" * 10_000 + ".local",
        "a\x00.local",
        "bank.example\n.local",
    ],
)
def test_the_authority_does_not_sign_for_what_is_not_local(authority: Authority, name: str):
    with pytest.raises(InvalidError):
        authority.issue_server([PHONE_SEES, name])


def test_a_server_needs_a_name(authority: Authority):
    with pytest.raises(InvalidError):
        authority.issue_server([])


@pytest.mark.parametrize(("name", "kind"), [("bank.example", "dns"), ("8.8.8.8", "ip")])
def test_a_stolen_key_cannot_pretend_to_be_a_public_server(authority: Authority, tmp_path: Path, name: str, kind: str):
    """The constraints are in the certificate that people trust, not only in our code."""
    held = (tmp_path / "tls" / "authority.pem").read_bytes()
    stolen = serialization.load_pem_private_key(held, password=None)
    issuer = x509.load_pem_x509_certificate(held)
    assert isinstance(stolen, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    alternative = x509.DNSName(name) if kind == "dns" else x509.IPAddress(ip_address(name))
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forged")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock() - timedelta(hours=1))
        .not_valid_after(clock() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(stolen, hashes.SHA256())
    )
    path = tmp_path / "forged.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + forged.public_bytes(serialization.Encoding.PEM)
    )
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(authority.certificate, path, name)


def test_a_device_shows_who_it_is(authority: Authority, tmp_path: Path):
    kept = authority.keep_server("broker", ["localhost"])
    device = authority.issue_client("DEV_01JABC")
    shown = handshake(authority.certificate, kept, "localhost", client=device, folder=tmp_path)
    assert shown is not None
    assert shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "DEV_01JABC"


def test_a_servers_certificate_is_no_devices(authority: Authority, tmp_path: Path):
    kept = authority.keep_server("broker", ["localhost"])
    with pytest.raises(ssl.SSLError):
        handshake(
            authority.certificate, kept, "localhost", client=authority.issue_server(["localhost"]), folder=tmp_path
        )


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "+", "#", "ward 3", "x" * 65, "ä", "a\n"])
def test_a_device_cannot_be_called_anything(authority: Authority, name: str):
    with pytest.raises(InvalidError):
        authority.issue_client(name)


def test_its_key_is_readable_by_its_owner_only_and_stays_the_same(authority: Authority, tmp_path: Path):
    kept = authority.keep_server("web", [PHONE_SEES])
    assert stat.S_IMODE((tmp_path / "tls" / "authority.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Authority.open(tmp_path / "tls", clock).fingerprint == authority.fingerprint
    assert sorted(one.name for one in (tmp_path / "tls").iterdir()) == ["authority.pem", "web.pem"]


def test_processes_that_start_at_once_agree_on_one_authority(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        found = {one.fingerprint for one in pool.map(lambda _: Authority.open(tmp_path / "tls", clock), range(8))}
    assert len(found) == 1


def test_a_key_that_others_may_read_is_refused(authority: Authority, tmp_path: Path):
    (tmp_path / "tls" / "authority.pem").chmod(0o644)
    with pytest.raises(UnavailableError, match="0644") as refused:
        Authority.open(tmp_path / "tls", clock)
    assert "chmod 600" in refused.value.remedy


def test_a_file_with_something_else_in_it_is_refused_and_left_alone(authority: Authority, tmp_path: Path):
    path = tmp_path / "tls" / "authority.pem"
    held = path.read_bytes()
    other = Authority.open(tmp_path / "other", clock).certificate
    for broken in (
        b"",
        b"\x00" * 100,
        held[:200],
        authority.certificate,
        held[: held.index(b"-----BEGIN CERT")] + other,
    ):
        path.write_bytes(broken)
        with pytest.raises(UnavailableError, match="does not hold one"):
            Authority.open(tmp_path / "tls", clock)
        assert path.read_bytes() == broken


def test_a_servers_certificate_is_kept_until_shortly_before_its_end(tmp_path: Path):
    today = clock()
    at = [today]
    authority = Authority.open(tmp_path / "tls", lambda: at[0])
    first = authority.keep_server("web", [PHONE_SEES]).read_bytes()
    lasts = x509.load_pem_x509_certificate(first)
    assert lasts.not_valid_after_utc - lasts.not_valid_before_utc <= timedelta(days=SERVER_DAYS)

    at[0] = today + timedelta(days=365)
    assert authority.keep_server("web", [PHONE_SEES]).read_bytes() == first
    at[0] = today + timedelta(days=367)
    assert authority.keep_server("web", [PHONE_SEES]).read_bytes() != first


def test_a_changed_address_gets_a_new_certificate(authority: Authority):
    first = authority.keep_server("web", [PHONE_SEES, "localhost"]).read_bytes()
    assert authority.keep_server("web", ["localhost", PHONE_SEES]).read_bytes() == first
    kept = authority.keep_server("web", ["192.168.1.77", "localhost"])
    assert kept.read_bytes() != first
    assert handshake(authority.certificate, kept, "192.168.1.77") is None


def test_a_broken_servers_certificate_is_replaced(authority: Authority):
    path = authority.keep_server("web", [PHONE_SEES])
    path.write_bytes(b"not a certificate")
    path.chmod(0o644)
    assert handshake(authority.certificate, authority.keep_server("web", [PHONE_SEES]), PHONE_SEES) is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_authority_outlives_no_certificate_and_says_when_it_has_ended(tmp_path: Path):
    today = clock()
    at = [today]
    authority = Authority.open(tmp_path / "tls", lambda: at[0])
    at[0] = authority.expires_at - timedelta(days=40)
    assert authority.issue_server([PHONE_SEES]).expires_at == authority.expires_at
    at[0] = authority.expires_at
    with pytest.raises(UnavailableError, match="has ended"):
        Authority.open(tmp_path / "tls", lambda: at[0])
    at[0] = today - timedelta(days=30)
    with pytest.raises(UnavailableError, match="clock"):
        Authority.open(tmp_path / "tls", lambda: at[0])


def test_the_key_is_in_no_representation(authority: Authority):
    issued = authority.issue_client("DEV_1")
    assert "PRIVATE" not in f"{issued!r} {authority!r}"
    assert b"PRIVATE" not in authority.certificate
