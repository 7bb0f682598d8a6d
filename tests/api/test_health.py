"""Health is honest and cheap: the stores are really asked, once in a while, however often and by whomever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from auscult.domain.errors import UnavailableError
from auscult.flows.health import FRESH_FOR, HealthWatch
from auscult.world import real_ambient
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.world import Clock

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLOCK = Clock()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenClinic]:
    """A clinic whose time stands still until a test moves it."""
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"), ambient=replace(real_ambient(), now=CLOCK), work=False
    ) as opened:
        yield opened


class Store:
    """An object store of which only the readiness is asked; it counts, and answers as it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.fault: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()

    async def ready(self) -> None:
        self.asked += 1
        await self.answers.wait()
        if self.fault is not None:
            raise self.fault


async def test_hammering_the_health_page_writes_to_the_disk_once(clinic: OpenClinic) -> None:
    """Without a sign-in: the folder of objects is not touched again until the last look is too old."""
    folder: Path = clinic.clinic.settings.data / "objects"
    async with clinic.stranger() as nobody:
        CLOCK.advance(60)
        first = (await nobody.get("/")).json()
        touched = folder.stat().st_mtime_ns
        answers = await asyncio.gather(*(nobody.get(path) for path in ["/", "/health/ready", "/health/live"] * 40))
        assert {answer.status_code for answer in answers} == {200}
        assert folder.stat().st_mtime_ns == touched
        assert {answer.json().get("checked_at", first["checked_at"]) for answer in answers} == {first["checked_at"]}
        CLOCK.advance(FRESH_FOR.total_seconds())
        later = (await nobody.get("/")).json()
        assert later["checked_at"] > first["checked_at"]
        assert folder.stat().st_mtime_ns > touched


def watch(clinic: OpenClinic, store: Store, **options: Any) -> HealthWatch:
    services: Any = replace(clinic.clinic.services, objects=store)  # type: ignore[arg-type]  # only asked if it is ready
    return HealthWatch(services, **options)


async def test_many_who_ask_at_once_share_one_look(clinic: OpenClinic) -> None:
    store = Store()
    store.answers.clear()
    looking = watch(clinic, store)
    asking = [asyncio.create_task(looking.health()) for _ in range(20)]
    while not store.asked:
        await asyncio.sleep(0.001)
    asking[0].cancel()  # whoever hangs up takes nothing from the others
    store.answers.set()
    found = await asyncio.gather(*asking[1:])
    assert store.asked == 1
    assert all(one.good for one in found)


@pytest.mark.parametrize("fault", [UnavailableError("The disk is full."), OSError("what nobody declared")])
async def test_a_store_that_fails_is_told_as_unavailable_and_told_well_again(
    clinic: OpenClinic, fault: Exception
) -> None:
    store = Store()
    store.fault = fault
    looking = watch(clinic, store)
    bad = await looking.health()
    assert (bad.good, bad.checks["objects"], bad.checks["records"]) == (False, "unavailable", "ok")
    store.fault = None
    assert not (await looking.health()).good, "not asked again yet"
    CLOCK.advance(FRESH_FOR.total_seconds())
    assert (await looking.health()).good


async def test_a_store_that_hangs_is_unavailable_and_asked_no_second_time(clinic: OpenClinic) -> None:
    store = Store()
    store.answers.clear()
    looking = watch(clinic, store, patience_seconds=0.05)
    for _ in range(3):
        found = await looking.health()
        assert found.checks["objects"] == "unavailable"
        CLOCK.advance(FRESH_FOR.total_seconds())
    assert store.asked == 1
    store.answers.set()
    await asyncio.sleep(0)
    assert (await looking.health()).good
    await looking.close()
