"""Patients over HTTP: found while typing, warned of, corrected from the version that was read, summed up."""

from __future__ import annotations

from typing import Any

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.evidence import Polarity, ResultField, Statement
from auscult.domain.ids import NoteId, PatientId, RecordingId, UserId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.note import Note, NoteBody, NoteStatus, Section, WriterInfo
from auscult.flows.tables import NOTES
from auscult.stores.records import Put
from tests.support.clinics import OpenClinic

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def registered(here: OpenClinic, **fields: Any) -> dict[str, Any]:
    answer = await here.client.post("/patients", json=fields)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == body["etag"]
    return body


async def test_a_patient_is_found_while_typing_in_either_script_by_staff_and_by_nobody_else(here: OpenClinic) -> None:
    patient = await registered(here, name="राम कुमार", phone="098765 43210", birth_date="1980-05-04")
    for typed in ("ra", "Ram", "kumar ram", "राम", "43210", "+91 98765 43210", "4/5/1980"):
        answer = await here.client.post("/patients/search", json={"text": typed})
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"items": [patient], "next": None}, typed
    for wrong in ({"text": "x" * 201}, {"text": "ram", "limit": 0}, {"text": "ram", "limit": 51}, {}, {"text": None}):
        assert (await here.client.post("/patients/search", json=wrong)).status_code == 422
    for role, status in ((Role.NURSE, 200), (Role.ADMIN, 200), (Role.DEVICE, 403), (Role.INTEGRATION, 403)):
        async with here.stranger(**{"X-API-Key": await here.api_key(role)}) as client:
            assert (await client.post("/patients/search", json={"text": "ram"})).status_code == status, role


async def test_a_likely_duplicate_is_a_warning_and_blocks_nothing(here: OpenClinic) -> None:
    fields = {"name": "Mere Tāmati", "birth_date": "1990-01-02", "sex": "female"}
    first = await registered(here, **fields)
    answer = await here.client.post("/patients/duplicates", json={**fields, "name": "Tamati Mere"})
    assert answer.json() == {
        "items": [{"patient": first, "reasons": ["same_name", "same_birth_date"]}],
        "next": None,
    }
    second = await registered(here, **fields)
    assert second["patient_id"] != first["patient_id"]
    assert (await here.client.post("/patients/duplicates", json={"name": "Nobody Alike"})).json()["items"] == []


async def test_a_patient_is_corrected_from_the_version_that_was_read(here: OpenClinic) -> None:
    patient = await registered(here, name="Jon Smyth", phone="021 555 0100", allergies=["latex"])
    path = f"/patients/{patient['patient_id']}"
    blind = await here.client.patch(path, json={"name": "Blind"})
    assert (blind.status_code, blind.json()["code"]) == (428, "precondition_required")
    changed = await here.client.patch(path, json={"name": "John Smith"}, headers={"If-Match": patient["etag"]})
    assert changed.status_code == 200, changed.text
    body = changed.json()
    assert body == {**patient, "name": "John Smith", "etag": '"2"'}
    assert (await here.client.get(path)).json() == body
    late = await here.client.patch(path, json={"name": "Late"}, headers={"If-Match": patient["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    same = await here.client.patch(path, json={"name": "John Smith"}, headers={"If-Match": '"2"'})
    assert same.json()["etag"] == '"2"', "what changes nothing is no new version"
    for wrong in ({"birth_date": "2999-01-01"}, {"name": None}, {"name": " "}, {"age": -1}):
        refused = await here.client.patch(path, json=wrong, headers={"If-Match": '"2"'})
        assert refused.status_code == 422, wrong
        assert refused.json()["remedy"]
    events = await here.clinic.services.records.outbox.events_after(here.clinic.clinic_id, 0)
    told = [one.ids for one in events if one.name == "patient_changed"]
    assert {"patient_id": patient["patient_id"]} in told or not events, "ids, and nothing else"


async def test_what_cannot_be_right_is_refused_with_its_field_and_a_remedy(here: OpenClinic) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"name": "A\u202eb"}, "name"),
        ({"name": "Ana", "birth_date": "2999-01-01"}, "birth_date"),
        ({"name": "Ana", "phone": "ring me"}, "phone"),
        ({"name": "Ana", "allergies": ["a\u0000"]}, "allergies.0"),
        ({"name": "Ana", "identifiers": [{"system": "nhi", "value": "ZZZ0017"}]}, "identifiers.0.value"),
        ({"name": "Ana", "identifiers": [{"system": "aadhaar", "value": "234567890124"}]}, "identifiers.0.value"),
    ]
    for path in ("/patients", "/patients/duplicates"):
        for body, field in cases:
            refused = await here.client.post(path, json=body)
            assert refused.status_code == 422, body
            problem = refused.json()
            assert [one["field"] for one in problem["fields"]] == [field]
            assert problem["remedy"] not in {"", "Correct the request and send it again."}
    long = await here.client.post("/patients", json={"name": "x" * 10_000})
    assert (long.status_code, long.json()["fields"][0]["field"]) == (422, "body.name")


def note(here: OpenClinic, patient_id: str, status: NoteStatus, version: int = 1, **body: Any) -> Note:
    ambient = here.clinic.services.ambient
    statements = tuple(
        Statement(id=f"s{place}", section="Objective", **one) if isinstance(one, dict) else one
        for place, one in enumerate(body.pop("statements", ()))
    )
    return Note(
        id=body.pop("id", None) or NoteId(ambient.new_id("NOTE")),
        version=version,
        recording_id=RecordingId(ambient.new_id("REC")),
        patient_id=PatientId(patient_id),
        status=status,
        body=NoteBody(
            sections=(Section(title="Objective", statements=statements),),
            writer=WriterInfo(name="t", version="1"),
            **body,
        ),
        transcript_version=1,
        created_at=ambient.now(),
        updated_at=ambient.now(),
    )


async def test_the_summary_has_what_was_registered_and_what_signed_notes_say_and_no_draft(here: OpenClinic) -> None:
    patient = await registered(
        here, name="Hemi Rua", problems=["asthma"], medicines=["Metformin 500 mg", "Aspirin"], allergies=["latex"]
    )
    path = f"/patients/{patient['patient_id']}/summary"
    empty = (await here.client.get(path)).json()
    assert empty["patient"] == patient
    assert [one["text"] for one in empty["medicines"]] == ["Metformin 500 mg", "Aspirin"]
    assert (empty["vitals"], empty["last_visit"], empty["notes_count"]) == ([], None, 0)

    old = note(
        here,
        patient["patient_id"],
        NoteStatus.SIGNED,
        statements=[{"text": "Blood pressure 150/90."}, {"text": "Weight 82 kg."}],
        medications=(Medication(name="Ramipril", strength="5 mg", status=MedicationStatus.STARTED),),
    )
    new = note(
        here,
        patient["patient_id"],
        NoteStatus.SIGNED,
        statements=[
            {"text": "Impression: hypertension.", "field": ResultField.DIAGNOSIS, "term": "Hypertension"},
            {"text": "No pneumonia.", "field": ResultField.DIAGNOSIS, "term": "", "polarity": Polarity.NEGATED},
            {"text": "Blood pressure 138/84, temperature 36.8."},
            {"text": "The blood pressure was 170/100."},
        ],
        medications=(
            Medication(name="metformin", status=MedicationStatus.STOPPED),
            Medication(name="penicillin", status=MedicationStatus.ALLERGY),
        ),
    )
    amended = note(here, patient["patient_id"], NoteStatus.DRAFT, 2, id=new.id, statements=[{"text": "Pulse 71."}])
    draft = note(
        here,
        patient["patient_id"],
        NoteStatus.DRAFT,
        statements=[{"text": "Pulse 99."}],
        medications=(Medication(name="Warfarin"),),
    )
    actor = Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR)
    await here.clinic.services.records_of(actor).transact([Put(NOTES, one) for one in (old, new, amended, draft)])

    known = (await here.client.get(path)).json()
    assert [(one["text"], one["note_id"]) for one in known["problems"]] == [("Hypertension", new.id), ("asthma", None)]
    assert [(one["text"], one["note_id"]) for one in known["medicines"]] == [
        ("Ramipril 5 mg", old.id),
        ("Aspirin", None),
    ], "what a signed note stops is known no more"
    assert [one["text"] for one in known["allergies"]] == ["latex", "penicillin"]
    assert [(one["name"], one["value"], one["unit"], one["note_id"]) for one in known["vitals"]] == [
        ("Blood pressure", "138/84", "mmHg", new.id),
        ("Temperature", "36.8", "°C", new.id),
        ("Weight", "82", "kg", old.id),
    ]
    assert {one["statement_id"] for one in known["vitals"]} == {"s1", "s2"}
    assert known["notes_count"] == 3
    assert known["last_visit"].startswith(draft.created_at.isoformat()[:16])
    etag = {"If-Match": patient["etag"]}
    await here.client.patch(path.removesuffix("/summary"), json={"medicines": ["Metformin 1 g"]}, headers=etag)
    again = (await here.client.get(path)).json()
    assert [one["text"] for one in again["medicines"]] == ["Ramipril 5 mg", "Metformin 1 g"], "written after the note"
