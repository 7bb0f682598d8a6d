"""What every test may ask for: a decided world, real keys, and records on each database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from auscult.domain.ambient import Ambient
from auscult.domain.ids import ClinicId
from auscult.stores.records.sql import SqlRecords
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.sql_keys import SqlWrappedKeys, open_wrapped_keys
from auscult.trust.sealing import Keyring
from tests.left_to_full import LEFT, ONE_DATABASE
from tests.support.world import Clock, ambient_of

pytest_plugins = ["tests.support.mosquitto", "tests.support.postgres", "tests.support.redis_server"]

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # how long an example takes tells of the machine and of what else runs on it


def pytest_configure(config: pytest.Config) -> None:
    """Fewer examples where time counts: `make test-full` tries more of everything."""
    if config.option.markexpr == "not full":
        settings.register_profile("default run", settings.get_profile("any machine"), max_examples=50)
        settings.load_profile("default run")


@pytest.hookimpl(tryfirst=True)  # before `-m "not full"` looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, so that no worker is left with one while the others have ended.

    Those with a browser and those with kills take turns: two browsers at once would want more than two cores. The
    Makefile's `--no-loadscope-reorder` keeps this order, which would else be by the number of tests in a file.
    """
    for item in items:
        name = item.nodeid.removeprefix("tests/")
        if name in LEFT or (name.startswith(ONE_DATABASE) and "[postgres" in name):
            item.add_marker(pytest.mark.full)
    files = list(dict.fromkeys(item.path for item in items))
    browsers = [path for path in files if path.parent.name == "e2e"]
    kills = [path for path in files if path.parent.name == "chaos"]
    turns = [path for pair in zip_longest(browsers, kills) for path in pair if path is not None]
    place = {path: number for number, path in enumerate(dict.fromkeys([*turns, *files]))}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture
def clock() -> Clock:
    """The time; `clock.advance(seconds)` moves it."""
    return Clock()


@pytest.fixture
def ambient(clock: Clock) -> Ambient:
    """The test's own time (`clock`), sequential ids, seeded chance."""
    return ambient_of(clock)


@pytest.fixture
def clinic_id() -> ClinicId:
    return ClinicId("CLN_01JN0000AV0000000000000001")


@pytest.fixture
def other_clinic_id() -> ClinicId:
    return ClinicId("CLN_01JN0000AV0000000000000002")


@pytest.fixture
def master(tmp_path: Path) -> KeyFileMaster:
    """A master key in a key file."""
    return KeyFileMaster.open(tmp_path / "keys" / "master.key", os.urandom)


@pytest.fixture
async def wrapped_keys(tmp_path: Path, ambient: Ambient) -> AsyncIterator[SqlWrappedKeys]:
    """A store of wrapped keys in a SQLite file."""
    keys = await open_wrapped_keys(f"sqlite:///{tmp_path}/keys/keys.db", ambient.now)
    yield keys
    await keys.close()


@pytest.fixture
def keyring(master: KeyFileMaster, wrapped_keys: SqlWrappedKeys, ambient: Ambient, clock: Clock) -> Keyring:
    """A keyring on a real key file and a real key store."""
    return Keyring(master, wrapped_keys, secret=ambient.secret, monotonic=clock.monotonic)


@pytest.fixture(params=["sqlite", "postgres"])
def records_backend(request: pytest.FixtureRequest) -> str:
    """Which database `records` is on; a test that asks for it, or for `records`, runs on each."""
    backend: str = request.param
    return backend


@pytest.fixture
def records_url(records_backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh, empty database."""
    if records_backend == "sqlite":
        yield f"sqlite:///{tmp_path}/records/auscult.db"
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.fixture
async def records(records_url: str, keyring: Keyring, ambient: Ambient) -> AsyncIterator[SqlRecords]:
    """Open records on a fresh database, on each backend."""
    opened = await SqlRecords.open(records_url, keyring, ambient)
    yield opened
    await opened.close()
