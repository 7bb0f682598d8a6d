"""Whatever a writer does, the transcript is kept, the result says so, and a person can try again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auscult.clinic.makers import Engines
from auscult.domain.note import NoteBody, WriterInfo
from auscult.engines.writer import Request
from auscult.settings import Settings
from tests.api.test_recordings import VISIT, opened, send, total_hash
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.scripted_engines import Script, scripted_engines

Write = Callable[[Request], Awaitable[Any]]


class Misbehaving:
    """A writer that does as it is told until it is healed, then writes an empty note."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.healed = False

    @property
    def info(self) -> WriterInfo:
        return WriterInfo(name="misbehaving", version="1")

    async def write(self, request: Request) -> NoteBody:
        if self.healed:
            return NoteBody(writer=self.info)
        body: NoteBody = await self._write(request)
        return body


async def raises(_request: Request) -> Any:
    raise RuntimeError("CANARY-9f1c the patient said something")


async def hangs(_request: Request) -> Any:
    await asyncio.Event().wait()


async def returns_nonsense(_request: Request) -> Any:
    return {"sections": "none", "medications": 7}


async def returns_nothing(_request: Request) -> Any:
    return None


def engines_with(writer: Misbehaving) -> Callable[[Settings], Engines]:
    return lambda settings: replace(scripted_engines(settings, Script()), writer=writer)


async def recorded(here: OpenClinic) -> str:
    recording_id = await opened(here)
    await send(here, recording_id, [VISIT])
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash([VISIT])})
    return recording_id


@pytest.mark.parametrize("write", [raises, hangs, returns_nonsense, returns_nothing])
async def test_the_transcript_survives_and_a_retry_writes_the_note(
    tmp_path: Path, write: Write, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    writer = Misbehaving(write)
    async with open_clinic(tmp_path, engines=engines_with(writer), writer_timeout=0.5) as here:
        recording_id = await recorded(here)
        body = await here.settled(recording_id)
        assert body["status"] == "transcript_only", body
        assert body["failure"]["reason"]
        assert body["failure"]["remedy"]
        turns = (await here.client.get(f"/recordings/{recording_id}/transcript")).json()["turns"]
        assert turns
        result = (await here.client.get(f"/result/{body['upload_key']}")).json()
        assert result["status"] == "transcript_only"
        assert result["transcript"]
        assert result["notes"].startswith("A note could not be written.")
        writer.healed = True
        assert (await here.client.post(f"/recordings/{recording_id}/retry")).status_code == 202
        again = await here.settled(recording_id)
        assert again["status"] == "ready", again
        assert (await here.client.get(f"/recordings/{recording_id}/transcript")).json()["turns"] == turns
    captured = capfd.readouterr()
    assert "CANARY-9f1c" not in captured.out + captured.err + caplog.text
