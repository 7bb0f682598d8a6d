"""A certificate of one's own: every fault is said before anything listens, and a renewed one is served."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from auscult.domain.errors import InvalidError
from auscult.server import renewing
from auscult.server.own_certificate import OwnCertificate, server_context
from auscult.trust.authority import Authority


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for clinic.lan and 127.0.0.1, and its key."""
    return written(tmp_path, "clinic.lan", "127.0.0.1")


def written(folder: Path, *names: str) -> tuple[Path, Path]:
    authority = Authority.open(folder / "tls", now)
    issued = authority.issue_server(names)
    certificate, key = folder / "clinic.crt", folder / "clinic.key"
    certificate.write_bytes(issued.certificate + authority.certificate)
    key.write_bytes(issued.key)
    return certificate, key


def test_a_good_certificate_says_its_names_and_its_end(files: tuple[Path, Path]) -> None:
    own = OwnCertificate.read(*files, now())
    assert own.names == ("clinic.lan", "127.0.0.1")
    assert own.expires_at > now() + timedelta(days=300)
    own.load_into(server_context())


def test_every_fault_has_its_own_words_and_a_remedy(files: tuple[Path, Path], tmp_path: Path) -> None:
    certificate, key = files
    held = serialization.load_pem_private_key(key.read_bytes(), password=None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        held.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret words"),
        )
    )
    (tmp_path / "other").mkdir()
    _other, other_key = written(tmp_path / "other", "clinic.lan")
    junk = tmp_path / "junk"
    junk.write_bytes(b"\x00\xff" * 5000)
    empty = tmp_path / "empty"
    empty.touch()
    said = set()
    for one, two, at, words in [
        (tmp_path / "nowhere", key, now(), "cannot be read"),
        (certificate, tmp_path / "nowhere", now(), "file of the key"),
        (tmp_path, key, now(), "cannot be read"),
        (junk, key, now(), "no certificate"),
        (empty, key, now(), "no certificate"),
        (key, key, now(), "no certificate"),
        (certificate, junk, now(), "no private key"),
        (certificate, certificate, now(), "no private key"),
        (certificate, locked, now(), "password"),
        (certificate, other_key, now(), "does not belong"),
        (certificate, key, now() + timedelta(days=400), "ended on"),
        (certificate, key, now() - timedelta(days=5), "good from"),
    ]:
        with pytest.raises(InvalidError, match=words) as refused:
            OwnCertificate.read(one, two, at)
        assert refused.value.remedy
        assert "PRIVATE" not in refused.value.reason + refused.value.remedy
        said.add(words)
    assert len(said) == 8


async def test_a_renewed_certificate_is_served_without_a_restart(files: tuple[Path, Path], tmp_path: Path) -> None:
    """And while only one of the two files is written, the old one is."""
    context = server_context()
    own = OwnCertificate.read(*files, now())
    own.load_into(context)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    trust = ssl.create_default_context(cafile=str(files[0]))
    trust.check_hostname = False

    async def served() -> bytes:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
        found: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()
        return found

    first = await served()
    task = asyncio.create_task(renewing(own, context, now, every=0.01))
    old_key = files[1].read_bytes()
    written(tmp_path, "clinic.lan", "127.0.0.1")
    new_key = files[1].read_bytes()
    files[1].write_bytes(old_key)
    for _ in range(5):
        await asyncio.sleep(0.02)
    assert await served() == first
    files[1].write_bytes(new_key)
    async with asyncio.timeout(10):
        while await served() == first:
            await asyncio.sleep(0.01)
    task.cancel()
    server.close()
