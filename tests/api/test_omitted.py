"""Mentioned, but not in the note: added or put aside over HTTP, like every other change of a note."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from auscult.domain.actor import Actor, Role
from auscult.domain.evidence import Flag, Statement, TurnSource
from auscult.domain.ids import NoteId, TurnId, UserId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.flows import notes, transcripts
from auscult.flows.tables import NOTES
from auscult.stores.records import Put
from auscult.trust.grounding import check
from tests.api.test_notes import note, statements
from tests.support.clinics import OpenClinic

pytestmark = pytest.mark.asyncio(loop_scope="module")
__all__ = ["note"]


def doctor(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")


@pytest_asyncio.fixture(loop_scope="module")
async def offering(here: OpenClinic, note: dict[str, Any]) -> dict[str, Any]:
    """A draft that offers two sentences: what was said first, and a medicine with a doubt."""
    services, actor = here.clinic.services, doctor(here)
    stored = await notes.read(services, actor, NoteId(note["note_id"]))
    heard = await transcripts.transcript_of(services, actor, stored.value.recording_id)
    source = TurnSource(turn_ids=(heard.turns[0].id,), transcript_version=heard.version)
    omitted = (
        Statement(id="o1", text=f'Heard: "{heard.turns[0].text}"', section="Subjective", sources=(source,)),
        Statement(id="o2", text="Start penicillin.", section="Plan", sources=(source,)),
    )
    doubt = Flag(code="allergy_conflict", reason="The patient is said to be allergic to this or its class.")
    told = Medication(
        name="penicillin", status=MedicationStatus.STARTED, flags=(doubt,), sources=(source,), statement_ids=("o2",)
    )
    body = stored.value.body.model_copy(update={"omitted": omitted, "omitted_medications": (told,)})
    await services.records_of(actor).transact(
        [Put(NOTES, stored.value.model_copy(update={"body": body}), if_version=stored.version)]
    )
    answer: dict[str, Any] = (await here.client.get(f"/notes/{note['note_id']}")).json()
    return answer


async def test_an_offer_becomes_a_sentence_with_its_sources_and_can_be_taken_back(
    here: OpenClinic, offering: dict[str, Any]
) -> None:
    path = f"/notes/{offering['note_id']}"
    added = await here.client.post(f"{path}/omitted/o1/add", headers={"If-Match": offering["etag"]})
    assert added.status_code == 200, added.text
    offer = offering["body"]["omitted"][0]
    (fresh,) = [one for one in statements(added.json()) if one["text"] == offer["text"]]
    assert (fresh["section"], fresh["sources"], fresh["supported"]) == ("Subjective", offer["sources"], True)
    assert [one["id"] for one in added.json()["body"]["omitted"]] == ["o2"]
    assert offer["text"] in added.json()["body"]["notes"]
    assert set(added.json()["blocking"]) == set(offering["blocking"])
    undone = await here.client.post(f"{path}/undo", headers={"If-Match": added.json()["etag"]})
    assert undone.json()["body"] == offering["body"]


async def test_what_was_added_is_still_found_to_be_supported(here: OpenClinic, offering: dict[str, Any]) -> None:
    path = f"/notes/{offering['note_id']}"
    await here.client.post(f"{path}/omitted/o1/add", headers={"If-Match": offering["etag"]})
    services, actor = here.clinic.services, doctor(here)
    stored = (await notes.read(services, actor, NoteId(offering["note_id"]))).value
    heard = await transcripts.transcript_of(services, actor, stored.recording_id)
    checked = check(stored.body, heard)
    (one,) = [one for one in checked.statements if one.text.startswith("Heard:")]
    assert one.supported
    assert one.turn_ids == (TurnId(heard.turns[0].id),)


async def test_a_doubted_medicine_that_is_added_blocks_signing_until_it_is_decided_on(
    here: OpenClinic, offering: dict[str, Any]
) -> None:
    path = f"/notes/{offering['note_id']}"
    added = (await here.client.post(f"{path}/omitted/o2/add", headers={"If-Match": offering["etag"]})).json()
    (fresh,) = [one for one in statements(added) if one["text"] == "Start penicillin."]
    assert fresh["id"] in added["blocking"]
    assert [one["name"] for one in added["body"]["medications"]][-1:] == ["penicillin"]
    refused = await here.client.post(f"{path}/sign", headers={"If-Match": added["etag"]})
    assert (refused.status_code, fresh["id"] in refused.json()["blocking"]) == (409, True)
    kept = await here.client.post(f"{path}/statements/{fresh['id']}/keep", headers={"If-Match": added["etag"]})
    assert fresh["id"] not in kept.json()["blocking"]


async def test_an_offer_is_put_aside_and_can_be_had_back(here: OpenClinic, offering: dict[str, Any]) -> None:
    path = f"/notes/{offering['note_id']}"
    aside = await here.client.delete(f"{path}/omitted/o2", headers={"If-Match": offering["etag"]})
    assert [one["id"] for one in aside.json()["body"]["omitted"]] == ["o1"]
    assert aside.json()["body"]["omitted_medications"] == []
    assert statements(aside.json()) == statements(offering)
    gone = await here.client.post(f"{path}/omitted/o2/add", headers={"If-Match": aside.json()["etag"]})
    assert gone.status_code == 404
    undone = await here.client.post(f"{path}/undo", headers={"If-Match": aside.json()["etag"]})
    assert undone.json()["body"] == offering["body"]


async def test_offers_do_not_stand_in_the_way_of_a_signature(here: OpenClinic, offering: dict[str, Any]) -> None:
    path, current = f"/notes/{offering['note_id']}", offering
    for one in offering["blocking"]:
        kept = await here.client.post(f"{path}/statements/{one}/keep", headers={"If-Match": current["etag"]})
        current = kept.json()
    signed = await here.client.post(f"{path}/sign", headers={"If-Match": current["etag"]})
    assert signed.status_code == 200, signed.text
    for method, address in (("POST", "omitted/o1/add"), ("DELETE", "omitted/o1")):
        late = await here.client.request(method, f"{path}/{address}", headers={"If-Match": signed.json()["etag"]})
        assert late.status_code == 409, "a signed note never changes"


async def test_a_change_of_another_version_is_refused(here: OpenClinic, offering: dict[str, Any]) -> None:
    for method, address in (("POST", "omitted/o1/add"), ("DELETE", "omitted/o1")):
        path = f"/notes/{offering['note_id']}/{address}"
        assert (await here.client.request(method, path)).status_code == 428
        assert (await here.client.request(method, path, headers={"If-Match": '"9-9"'})).status_code == 412
