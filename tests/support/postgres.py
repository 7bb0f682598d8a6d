"""A real PostgreSQL for tests: one server for each test process, a fresh database for each test.

The server comes from Debian's packages (`make test-tools`), runs on a free port of 127.0.0.1 in a temporary folder
without fsync, and ends with the test process whatever way that ends.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

_START_SECONDS = 60.0
APP_ROLE = "auscult_app"
"""Owns the test databases. Not a superuser, because row security does not bind one."""


def binaries() -> Path | None:
    """The folder with the newest installed server's programs, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return max(found, key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0, default=None)


@dataclass
class PostgresServer:
    """A running server. Everyone who can reach its port may connect as any role: for tests on loopback only."""

    port: int
    pid: int
    data: Path
    superuser: str
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str, role: str = APP_ROLE) -> str:
        """The address of one of its databases."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    async def create_database(self, template: str = "template_auscult") -> str:
        """Make a fresh database, owned by `APP_ROLE`, and return its name."""
        name = f"auscult_{next(self._names)}"
        await self.administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {APP_ROLE}')
        return name

    async def drop_database(self, name: str) -> None:
        """Remove a database, disconnecting whoever is still there."""
        await self.administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def administer(self, *statements: str) -> None:
        """Run statements as the superuser in the database `postgres`."""
        connection = await asyncpg.connect(self.url("postgres", self.superuser))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this test process."""
    programs = binaries()
    if programs is None:
        if os.environ.get("AUSCULT_TEST_WITHOUT_POSTGRES") == "1":
            pytest.skip("AUSCULT_TEST_WITHOUT_POSTGRES=1")
        pytest.fail("There is no PostgreSQL server on this machine: run `make test-tools`.", pytrace=False)
    home = Path(tempfile.mkdtemp(prefix="auscult-pg-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        user = _server_user()
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(home, account.pw_uid, account.pw_gid)
        data = home / "data"
        _run(
            user,
            home,
            programs / "initdb",
            "-D",
            data,
            "-U",
            "root",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        process, port = _start(programs, user, home, data)
        server = PostgresServer(port=port, pid=process.pid, data=data, superuser="root")
        _prepare(programs, user, home, port)
        yield server
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def postgres_url(postgres: PostgresServer) -> AsyncIterator[str]:
    """The address of a fresh, empty database, owned by a role that is no superuser."""
    name = await postgres.create_database()
    yield postgres.url(name)
    await postgres.drop_database(name)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    return "postgres" if os.geteuid() == 0 else None


def _run(user: str | None, folder: Path, *command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command], user=user, cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")


def _start(programs: Path, user: str | None, home: Path, data: Path) -> tuple[subprocess.Popen[bytes], int]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(home),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",
        "shared_buffers": "16MB",
        "max_connections": "80",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = home / "log"
    for _ in range(3):
        # Somebody else may take the free port before the server does; then the next one is tried.
        port = _free_port()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), *options],
                user=user,
                cwd=home,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, looked up before the fork
            )
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            ready = subprocess.run(
                [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False, timeout=30
            )
            if ready.returncode == 0:
                return process, port
            time.sleep(0.05)
        _stop(process)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _prepare(programs: Path, user: str | None, home: Path, port: int) -> None:
    # The template's own language order differs from byte order, as on most servers: ours must not depend on it.
    major = int(programs.parent.name) if programs.parent.name.isdigit() else 0
    collation = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'" if major >= 15 else ""
    for statement in (
        f"CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER CREATEDB",
        f"CREATE DATABASE template_auscult TEMPLATE template0 {collation} OWNER {APP_ROLE}",
    ):
        _run(
            user, home, programs / "psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "root",
            "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", statement,
        )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Have the kernel stop the server when this test process dies without cleaning up (Linux only)."""
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # "fast": disconnect everyone, then stop
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)  # "immediate"
            process.wait(20)
