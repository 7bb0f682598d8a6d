"""One clinic for all tests of a module: opening one costs a second, and recordings do not disturb each other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.clinics import OpenClinic, open_clinic
from tests.support.scripted_engines import Script, scripted_engines


@pytest.fixture(scope="module")
def script() -> Script | None:
    """What the recogniser says, at once; a module that is about hearing replaces this by None: this machine's own."""
    return Script()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory, script: Script | None) -> AsyncIterator[OpenClinic]:
    """A clinic on this machine with real stores, decoder, gate, voices and writer, and its doctor's client."""
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"),
        engines=lambda chosen: scripted_engines(chosen, script),
        max_upload_bytes=5_000_000,
    ) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere(tmp_path_factory: pytest.TempPathFactory, here: OpenClinic) -> AsyncIterator[OpenClinic]:
    """Another clinic on the same stores: it must never see anything of the first."""
    from auscult.domain.actor import Role
    from auscult.domain.ids import ClinicId
    from auscult.flows import access

    other = ClinicId(here.clinic.services.ambient.new_id("CLN"))
    token, _key = await access.make_api_key(here.clinic.services, other, "other clinic", Role.DOCTOR)
    async with here.stranger(**{"X-API-Key": token}) as client:
        yield OpenClinic(here.clinic, client)
