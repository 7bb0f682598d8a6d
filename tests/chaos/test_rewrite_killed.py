"""The power goes while a note is written again in another layout: it is the old one or the new one, and never less."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.test_kill_minus_nine import rows, sampled
from tests.support.audio import encoded, speech
from tests.support.scripted_engines import Tally
from tests.support.server_process import AT_REST, Orders, ServerProcess, running

ASKED = ("arrived", "job handed over")
"""Commits of the request itself: the recording waits to be written up; its job is with the engine."""
POINTS = [
    *(f"{what}:{when}" for what in (*ASKED, "note", "stored", "event published") for when in ("before", "after")),
    "write:during",
]
SAMPLED = {"arrived:after", "stored:before"}
"""Run by `make test`; `make test-full` runs all."""
WORDING = "Takes metformin 850 mg twice a day."


@pytest.fixture(scope="module")
def visit() -> bytes:
    return encoded(speech("visit")[:, : 14 * 16000], "webm", "libopus", live="1")


def texts(body: dict[str, Any]) -> list[str]:
    return [one["text"] for section in body["sections"] for one in section["statements"]]


async def worked_over(server: ServerProcess, note_id: str) -> dict[str, Any]:
    """The note after a clinician worded its last sentence anew, removed the first and added one of their own."""
    note = await server.client.get(f"/notes/{note_id}")
    statements = [one for section in note.json()["body"]["sections"] for one in section["statements"]]
    assert len(statements) > 2, "a note with something in it, or this test proves nothing"
    path = f"/notes/{note_id}/statements"
    for method, address, sent in (
        ("PATCH", f"{path}/{statements[-1]['id']}", {"text": WORDING}),
        ("DELETE", f"{path}/{statements[0]['id']}", None),
        ("POST", path, {"section": "Physical exam", "text": "Looks pale."}),
    ):
        note = await server.client.request(method, address, json=sent, headers={"If-Match": note.headers["etag"]})
        assert note.status_code == 200, note.text
    changed: dict[str, Any] = note.json()
    assert statements[0]["text"] not in texts(changed["body"])
    return changed


def assert_wholly_rewritten(body: dict[str, Any], before: dict[str, Any]) -> None:
    """In the other layout, and every sentence of it as the clinician left it."""
    assert body["template"] == "gp"
    assert Counter(texts(body)) == Counter(texts(before)), "nothing is lost, said twice or back"
    assert WORDING in texts(body)
    assert {section["title"] for section in body["sections"]}.isdisjoint({"Physical exam", "Assessment and plan"})
    assert body["removed"] == before["removed"]


@pytest.mark.parametrize("point", sampled(POINTS, SAMPLED))
async def test_a_note_is_as_it_was_or_wholly_rewritten_after_a_kill(point: str, visit: bytes, tmp_path: Path) -> None:
    orders = Orders(data=str(tmp_path / "clinic"), script={}, tally=str(tmp_path / "tally"))
    said = tmp_path / "said"
    async with running(orders, said) as first:
        recording_id = await first.upload(visit)
        note_id = (await first.settled(recording_id))["note_id"]
        before = await worked_over(first, note_id)
        await first.events("soap_ready")
        await first.stop()
    async with running(replace(orders, die_at=point), said) as second:
        with contextlib.suppress(httpx.TransportError):
            await second.client.post(f"/recordings/{recording_id}/rewrite", json={"template": "gp"})
        assert await second.died() == -9
    async with running(orders, said) as third:
        recording: dict[str, Any] = {}
        while recording.get("status") not in AT_REST:  # whoever looks meanwhile sees one note or the other, whole
            recording = await third.recording(recording_id)
            body = (await third.client.get(f"/notes/{note_id}")).json()["body"]
            if body != before["body"]:
                assert_wholly_rewritten(body, before["body"])
        assert (recording["status"], recording["failure"]) == ("ready", None)
        note = await third.client.get(f"/notes/{note_id}")
        if point == "arrived:before":
            assert recording["template"] == "visit", "it was never asked for"
            assert note.json() == before
            return
        assert recording["template"] == "gp"
        assert_wholly_rewritten(note.json()["body"], before["body"])
        undone = await third.client.post(f"/notes/{note_id}/undo", headers={"If-Match": note.headers["etag"]})
        assert undone.json()["body"] == before["body"], "the draft before is one undo away"
        await third.stop()
    assert rows(orders.data, "SELECT count(*) FROM documents WHERE kind = 'note'") == [(1,)]
    assert rows(orders.data, "SELECT count(*) FROM outbox_jobs") == [(0,)]
    counts = Tally(Path(orders.tally)).counts()
    assert counts["transcribe"] == 1, "what was heard is not heard again"
    assert counts["write"] == (3 if point in {"write:during", "note:before"} else 2)
