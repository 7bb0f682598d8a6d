"""Served with a certificate of one's own: by its names, and with the promise to stay encrypted."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from auscult.trust.authority import Authority
from tests.flows.test_command_line import auscult
from tests.support.patience import until
from tests.support.server_process import Orders, running


def written(folder: Path, name: str, *names: str) -> tuple[Path, Path, ssl.SSLContext]:
    """A certificate for these names, its key, and the trust of a client in it."""
    authority = Authority.open(folder / f"{name}-tls", lambda: datetime.now(UTC))
    issued = authority.issue_server(names)
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    certificate.write_bytes(issued.certificate)
    key.write_bytes(issued.key)
    return certificate, key, ssl.create_default_context(cadata=authority.certificate.decode())


async def test_the_clinic_is_served_by_the_names_in_the_certificate(tmp_path: Path) -> None:
    certificate, key, trust = written(tmp_path, "clinic", "clinic.lan")
    settings = {"host": "127.0.0.2", "tls": str(certificate), "tls_key": str(key)}
    said = tmp_path / "said.log"
    async with running(Orders(data=str(tmp_path / "data"), settings=settings), said) as server:
        await until(lambda: "token=" in server.text(), seconds=60, what="the sign-in link")
        found = re.search(r"https://clinic[.]lan:(\d+)/sign-in\?token=(\S+)\n", server.text())
        assert found, server.text()
        port, token = found.groups()
        named = {"Host": f"clinic.lan:{port}"}
        async with httpx.AsyncClient(verify=trust, base_url=f"https://127.0.0.2:{port}") as browser:

            async def opened(path: str, host: dict[str, str]) -> httpx.Response:
                return await browser.get(path, headers=host, extensions={"sni_hostname": "clinic.lan"})

            answer = await opened(f"/sign-in?token={token}", named)
            assert "secure" in answer.headers["set-cookie"].lower()
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            assert (await opened("/", {"Host": "other.lan"})).json()["code"] == "unknown_host"
            by_address = await opened("/health/live", {"Host": f"127.0.0.2:{port}"})
            assert by_address.status_code == 200
            assert "strict-transport-security" not in by_address.headers


@pytest.mark.full  # every fault is told in tests/unit/server; here through the command line
def test_a_key_of_another_certificate_is_told_before_anything_listens(tmp_path: Path) -> None:
    certificate, _key, _trust = written(tmp_path, "clinic", "clinic.lan")
    _certificate, other, _other_trust = written(tmp_path, "other", "clinic.lan")
    done = auscult(
        tmp_path, "up", "--port", "0", "--host", "127.0.0.2", "--tls", str(certificate), "--tls-key", str(other)
    )
    assert done.returncode == 1
    assert "does not belong to the certificate" in done.stderr.decode()
    assert not (tmp_path / "data").exists(), "nothing was opened yet"
