"""How a clinician's notes are laid out: kept for each person, taken by what they record, changed for one note."""

from __future__ import annotations

from typing import Any

import pytest

from auscult.domain.actor import Role
from tests.api.test_notes import note, statements
from tests.api.test_recordings import opened
from tests.support.clinics import OpenClinic

LAYOUT = [
    *("Chief complaint", "History of present illness", "Medical history", "Social history", "Family history"),
    *("Medications", "Allergies", "Review of systems", "Vital signs", "Physical exam", "Results"),
    *("Assessment and plan", "Patient agreements"),
]
"""The headings of a visit note."""

pytestmark = pytest.mark.asyncio(loop_scope="module")
__all__ = ["note"]


async def prefer(here: OpenClinic, template: str) -> None:
    answer = await here.client.patch("/me/preferences", json={"template": template})
    assert (answer.status_code, answer.json()) == (200, {"template": template})


def clauses(note: dict[str, Any]) -> set[str]:
    """What a note says, without the lead-ins that only a layout without labels has."""
    return {
        one["text"].removeprefix("Impression: ").removeprefix("On examination: ").lower() for one in statements(note)
    }


def titles(note: dict[str, Any]) -> list[str]:
    return [section["title"] for section in note["body"]["sections"]]


async def test_a_preference_is_each_persons_own_and_the_default_is_the_visit_note(here: OpenClinic) -> None:
    assert (await here.client.get("/me/preferences")).json() == {"template": "visit"}
    await prefer(here, "soap")
    async with here.stranger(**{"X-API-Key": await here.api_key(Role.NURSE)}) as colleague:
        assert (await colleague.get("/me/preferences")).json() == {"template": "visit"}
    assert (await here.client.get("/me/preferences")).json() == {"template": "soap"}
    assert (await here.client.patch("/me/preferences", json={})).json() == {"template": "soap"}
    await prefer(here, "visit")


async def test_a_template_that_there_is_not_is_refused(here: OpenClinic, note: dict[str, Any]) -> None:
    refused = await here.client.patch("/me/preferences", json={"template": "poem"})
    assert refused.status_code == 422
    path = f"/recordings/{note['recording_id']}/rewrite"
    assert (await here.client.post(path, json={"template": "poem"})).status_code == 422
    assert (await here.client.post(path, json={})).status_code == 422


async def test_a_recording_takes_its_recorders_preference_unless_it_says_otherwise(here: OpenClinic) -> None:
    await prefer(here, "gp")
    as_preferred = await here.recording(await opened(here))
    as_said = (await here.client.post("/recordings", json={"template": "soap"})).json()
    async with here.stranger(**{"X-API-Key": await here.api_key(Role.DEVICE)}) as device:
        of_a_device = (await device.post("/recordings", json={})).json()
    await prefer(here, "visit")
    assert (as_preferred["template"], as_said["template"], of_a_device["template"]) == ("gp", "soap", "visit")
    assert (await here.recording(as_preferred["recording_id"]))["template"] == "gp", "a later change is for later notes"


async def test_a_draft_written_again_has_the_other_headings_and_keeps_the_clinicians_sentence(
    here: OpenClinic, note: dict[str, Any]
) -> None:
    assert titles(note) == [*LAYOUT, "Plan"], "the last one is the clinician's own"
    again = await here.client.post(f"/recordings/{note['recording_id']}/rewrite", json={"template": "gp"})
    assert again.status_code == 202, again.text
    settled = await here.settled(note["recording_id"])
    assert (settled["status"], settled["template"]) == ("ready", "gp")
    written = (await here.client.get(f"/notes/{note['note_id']}")).json()
    assert written["body"]["template"] == "gp"
    assert titles(written) == ["History", "Allergies", "Examination", "Impression", "Plan"]
    assert clauses(written) == clauses(note) - {"bad cough."}, "only the visit note has a chief complaint of its own"
    back = await here.client.post(f"/notes/{note['note_id']}/undo", headers={"If-Match": written["etag"]})
    assert back.json()["body"] == note["body"]


async def test_a_signed_note_is_not_written_again(here: OpenClinic, note: dict[str, Any]) -> None:
    current = note
    for one in note["blocking"]:
        path = f"/notes/{note['note_id']}/statements/{one}/keep"
        current = (await here.client.post(path, headers={"If-Match": current["etag"]})).json()
    signed = await here.client.post(f"/notes/{note['note_id']}/sign", headers={"If-Match": current["etag"]})
    assert signed.status_code == 200, signed.text
    refused = await here.client.post(f"/recordings/{note['recording_id']}/rewrite", json={"template": "gp"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
