"""Notes over HTTP: edited, decided on, signed and amended, with versions that two people cannot overwrite."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from auscult.domain.actor import Role
from tests.api.test_recordings import VISIT, opened, send, sliced, total_hash
from tests.support.clinics import OpenClinic

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def note(here: OpenClinic) -> dict[str, Any]:
    """A fresh draft with at least one sentence."""
    slices = sliced(VISIT, 1)
    recording_id = await opened(here, consent={"given_by": "patient"})
    await send(here, recording_id, slices)
    await here.client.post(f"/recordings/{recording_id}/finalise", json={"count": 1, "sha256": total_hash(slices)})
    ready = await here.settled(recording_id)
    assert ready["status"] == "ready", ready
    path = f"/notes/{ready['note_id']}"
    added = await here.client.post(
        f"{path}/statements",
        json={"section": "Plan", "text": "Review in one week."},
        headers={"If-Match": (await here.client.get(path)).headers["ETag"]},
    )
    assert added.status_code == 200, added.text
    body: dict[str, Any] = added.json()
    return body


def edited_from(note: dict[str, Any]) -> dict[str, str]:
    """The header of a change that is made from this version of the note."""
    return {"If-Match": note["etag"]}


def statements(note: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for section in note["body"]["sections"] for one in section["statements"]]


async def test_every_sentence_names_turns_that_exist_or_a_clinician(here: OpenClinic, note: dict[str, Any]) -> None:
    transcript = (await here.client.get(f"/recordings/{note['recording_id']}/transcript")).json()
    ids = {turn["id"] for turn in transcript["turns"]}
    for statement in statements(note):
        assert statement["sources"], statement
        for source in statement["sources"]:
            assert source["kind"] == "clinician" or set(source["turn_ids"]) <= ids


async def test_an_edit_makes_the_clinician_the_source_and_can_be_undone(here: OpenClinic, note: dict[str, Any]) -> None:
    target = statements(note)[-1]
    edited = await here.client.patch(
        f"/notes/{note['note_id']}/statements/{target['id']}",
        json={"text": "Review in two weeks."},
        headers={"If-Match": note["etag"]},
    )
    assert edited.status_code == 200, edited.text
    changed = statements(edited.json())[-1]
    assert changed["text"] == "Review in two weeks."
    assert changed["sources"][-1]["name"] == "Dr Aroha Rangi"
    assert edited.json()["can_undo"] is True
    undone = await here.client.post(f"/notes/{note['note_id']}/undo", headers=edited_from(edited.json()))
    assert statements(undone.json())[-1]["text"] == "Review in one week."


async def test_two_edits_of_one_version_give_one_winner(here: OpenClinic, note: dict[str, Any]) -> None:
    target = statements(note)[-1]["id"]
    path = f"/notes/{note['note_id']}/statements/{target}"
    first = await here.client.patch(path, json={"text": "First."}, headers={"If-Match": note["etag"]})
    second = await here.client.patch(path, json={"text": "Second."}, headers={"If-Match": note["etag"]})
    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["code"] == "stale"


async def test_a_change_that_does_not_say_what_it_was_made_from_is_refused(
    here: OpenClinic, note: dict[str, Any]
) -> None:
    target = statements(note)[-1]["id"]
    changes: list[tuple[str, str, dict[str, str] | None]] = [
        ("POST", "statements", {"section": "Plan", "text": "Blind."}),
        ("PATCH", f"statements/{target}", {"text": "Blind."}),
        ("DELETE", f"statements/{target}", None),
        ("POST", f"statements/{target}/keep", None),
        ("POST", "undo", None),
        ("POST", "sign", None),
        ("POST", "amend", {"reason": "Blind."}),
    ]
    for method, path, body in changes:
        address = f"/notes/{note['note_id']}/{path}"
        blind = await here.client.request(method, address, json=body)
        assert (blind.status_code, blind.json()["code"]) == (428, "precondition_required"), path
        assert "If-Match" in blind.json()["remedy"]
        for tag in ("*", '"1"', "nonsense", "", '"1-1", "1-2"'):
            whatever = await here.client.request(method, address, json=body, headers={"If-Match": tag})
            assert whatever.status_code == 422, (path, tag, whatever.text)
        stale = await here.client.request(method, address, json=body, headers={"If-Match": '"9-9"'})
        assert stale.status_code == 412, (path, stale.text)
    assert (await here.client.get(f"/notes/{note['note_id']}")).json() == note


async def test_a_draft_is_signed_then_never_changed_but_amended(here: OpenClinic, note: dict[str, Any]) -> None:
    path = f"/notes/{note['note_id']}"
    current = note
    for blocking in note["blocking"]:
        kept = await here.client.post(f"{path}/statements/{blocking}/keep", headers={"If-Match": current["etag"]})
        current = kept.json()
    assert current["blocking"] == []
    signed = await here.client.post(f"{path}/sign", headers={"If-Match": current["etag"]})
    assert signed.status_code == 200, signed.text
    assert signed.json()["status"] == "signed"
    assert signed.json()["signature"]["name"] == "Dr Aroha Rangi"
    target = statements(note)[-1]["id"]
    refused = await here.client.patch(
        f"{path}/statements/{target}", json={"text": "Sneaked in."}, headers=edited_from(signed.json())
    )
    assert refused.status_code == 409
    assert "Amend" in refused.json()["remedy"]
    assert (await here.client.delete(f"/recordings/{note['recording_id']}")).status_code == 409
    amended = await here.client.post(
        f"{path}/amend", json={"reason": "Wrong interval"}, headers=edited_from(signed.json())
    )
    assert (amended.status_code, amended.json()["version"], amended.json()["status"]) == (201, 2, "draft")
    corrected = await here.client.patch(
        f"{path}/statements/{target}", json={"text": "Review in three days."}, headers=edited_from(amended.json())
    )
    old = (await here.client.get(path, params={"version": 1})).json()
    assert old["status"] == "signed"
    assert statements(old)[-1]["text"] == "Review in one week."
    again = await here.client.post(f"{path}/sign", headers=edited_from(corrected.json()))
    assert again.json()["status"] == "amended"
    versions = (await here.client.get(f"{path}/versions")).json()["items"]
    assert [(one["version"], one["status"]) for one in versions] == [(1, "signed"), (2, "amended")]


async def test_signing_deletes_the_audio_by_default_and_keeps_the_transcript(
    here: OpenClinic, note: dict[str, Any]
) -> None:
    path = f"/notes/{note['note_id']}"
    current = note
    for blocking in note["blocking"]:
        kept = await here.client.post(f"{path}/statements/{blocking}/keep", headers=edited_from(current))
        current = kept.json()
    assert (await here.client.get(f"/recordings/{note['recording_id']}/audio")).status_code == 200
    assert (await here.client.post(f"{path}/sign", headers=edited_from(current))).status_code == 200
    gone = await here.client.get(f"/recordings/{note['recording_id']}/audio")
    assert gone.status_code == 410
    assert (await here.recording(note["recording_id"]))["audio_available"] is False
    assert (await here.client.get(f"/recordings/{note['recording_id']}/transcript")).status_code == 200


async def test_only_a_doctor_signs(here: OpenClinic, note: dict[str, Any]) -> None:
    key = await here.api_key(Role.NURSE)
    async with here.stranger(**{"X-API-Key": key}) as nurse:
        assert (await nurse.get(f"/notes/{note['note_id']}")).status_code == 200
        assert (await nurse.post(f"/notes/{note['note_id']}/sign", headers=edited_from(note))).status_code == 403


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
async def test_empty_and_endless_sentences_are_refused(here: OpenClinic, note: dict[str, Any], text: str) -> None:
    answer = await here.client.post(
        f"/notes/{note['note_id']}/statements", json={"section": "Plan", "text": text}, headers=edited_from(note)
    )
    assert answer.status_code == 422
    assert answer.json()["remedy"]
    assert text.strip() == "" or text not in answer.text


async def test_another_clinic_finds_no_note(here: OpenClinic, elsewhere: OpenClinic, note: dict[str, Any]) -> None:
    for path in (f"/notes/{note['note_id']}", f"/notes/{note['note_id']}/versions"):
        assert (await elsewhere.client.get(path)).status_code == 404
    signing = await elsewhere.client.post(f"/notes/{note['note_id']}/sign", headers=edited_from(note))
    assert signing.status_code == 404
