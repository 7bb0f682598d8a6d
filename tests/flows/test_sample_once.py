"""The sample consultation at start: made once, followed from where the clinic is, and left alone once thrown away."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from auscult.domain.event import Event
from auscult.domain.ids import ClinicId
from auscult.domain.recording import RecordingStatus
from auscult.flows import discard, sample, upkeep
from auscult.flows.recording_state import all_rows, event
from auscult.flows.tables import ALL, RECORDINGS
from auscult.server import show_sample
from auscult.stores.events import Feed
from tests.flows.test_waiting import later
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.scripted_engines import Script, scripted_engines

HOME = "http://127.0.0.1:1"


class Listened:
    """A feed that remembers what it told."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.told: list[Event] = []

    async def follow(self, clinic_id: ClinicId, after: int | None = None) -> AsyncIterator[Event]:
        async for told in self._feed.follow(clinic_id, after):
            self.told.append(told)
            yield told


async def started(here: OpenClinic) -> str:
    """What a start prints of the sample."""
    said = io.StringIO()
    await show_sample(here.clinic, Console(file=said, width=200), HOME)
    return said.getvalue()


async def samples(here: OpenClinic) -> list[RecordingStatus]:
    found = await all_rows(here.clinic.services.records_of(here.clinic.system), RECORDINGS, ALL, "sample")
    return [one.status for one in found]


async def test_the_sample_is_made_at_first_start_and_not_again_once_it_is_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_clinic(tmp_path, engines=lambda chosen: scripted_engines(chosen, Script())) as here:
        services, actor = here.clinic.services, here.clinic.system
        for _ in range(300):  # what a clinic of some weeks has behind it
            await services.records_of(actor).transact(events=[event(services, actor, "registered")])
        async with aclosing(here.clinic.feed.follow(actor.clinic_id, 0)) as published:
            assert [(await anext(published)).name for _ in range(300)] == ["registered"] * 300  # all of it is behind it
        listened = Listened(here.clinic.feed)
        monkeypatch.setattr(here.clinic, "feed", listened)
        first = await started(here)
        assert "done in" in first
        assert "transcribed" in first
        assert listened.told
        assert "registered" not in {told.name for told in listened.told[:200]}, "nothing of before is told again"
        again = await started(here)
        found = await sample.find(services, actor)
        assert found is not None
        assert f"{HOME}/app/recordings/{found.id}" in again
        assert "Turning" not in again

        await discard.discard(services, actor, found.id)
        assert await started(here) == ""
        assert await samples(here) == [RecordingStatus.DISCARDED]
        asked = await here.client.post("/sample")
        assert asked.status_code == 202, "a person may ask for it again"


async def test_a_sample_that_a_crash_left_without_its_sound_is_made_whole_at_the_next_start(tmp_path: Path) -> None:
    async with open_clinic(tmp_path, engines=lambda chosen: scripted_engines(chosen, Script())) as here:
        services, actor = here.clinic.services, here.clinic.system

        def crash() -> bytes:
            raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("auscult.flows.sample.sample.audio", crash)
            with pytest.raises(KeyboardInterrupt):
                await sample.start(services, actor)
        await upkeep.sweep(later(services, timedelta(days=1)), actor)
        assert await samples(here) == [RecordingStatus.FAILED]
        assert "done in" in await started(here)
        assert await samples(here) == [RecordingStatus.READY]
