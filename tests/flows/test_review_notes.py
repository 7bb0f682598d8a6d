"""A note says one thing: what a clinician changes in a sentence is changed everywhere the note is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError, StaleError
from auscult.domain.evidence import Flag, Statement
from auscult.domain.ids import NoteId, UserId
from auscult.domain.medication import MedicationStatus
from auscult.domain.note import Note, NoteBody, NoteStatus
from auscult.domain.recording import Recording, Slice
from auscult.engines.writer import Request
from auscult.flows import notes, record, rerun, scribe, slices, sound, transcripts
from auscult.flows.recording_state import load
from auscult.flows.result import result_of
from auscult.flows.services import Services
from auscult.flows.slices import slice_object
from auscult.flows.tables import NOTES, SLICES
from auscult.flows.work import scribe_job
from auscult.knowledge import sample
from auscult.stores.records import Put, Stored
from auscult.trust.grounding import check
from tests.support.audio import encoded, speech
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.scripted_engines import Script, scripted_engines

VISIT: Final = encoded(speech("visit"), "webm", "libopus", live="1")


@asynccontextmanager
async def quiet(folder: Path, **settings: Any) -> AsyncIterator[OpenClinic]:
    """A clinic whose jobs wait, so that a test decides what happens when."""
    async with open_clinic(
        folder, engines=lambda chosen: scripted_engines(chosen, Script()), work=False, **settings
    ) as here:
        yield here


def doctor(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def uploaded(services: Services, actor: Actor) -> Recording:
    opened = await record.open_recording(services, actor, content_type="audio/webm", live=False)
    return await record.store_upload(
        services, actor, opened.upload_key, once(VISIT), content_type="audio/webm", max_bytes=10_000_000
    )


async def scribed(services: Services, actor: Actor, received: Recording) -> Recording:
    await scribe.scribe(services, scribe_job(actor, received))
    return (await load(services, actor, received.id)).value


async def live(services: Services, actor: Actor, **opening: Any) -> Recording:
    opened = await record.open_recording(services, actor, content_type="audio/webm", live=True, **opening)
    kept = await slices.put_slice(services, actor, opened.id, 0, VISIT)
    return await slices.finalise(services, actor, opened.id, 1, slices.sequence_hash([kept]))


async def drafted(here: OpenClinic, template: str = "visit") -> tuple[Services, Actor, Recording, NoteId]:
    """The sample's script as a draft: two medicines, a diagnosis, a review, each with its sentence."""
    services, actor = here.clinic.services, doctor(here)
    recording = await scribed(services, actor, await uploaded(services, actor))
    assert recording.note_id is not None
    stored = await notes.read(services, actor, recording.note_id)
    heard = await transcripts.transcript_of(services, actor, recording.id)
    script = heard.model_copy(update={"turns": sample.turns()})
    body = check(await services.writer.write(Request(transcript=script, template=template)), script)
    await services.records_of(actor).transact(
        [Put(NOTES, stored.value.model_copy(update={"body": body}), if_version=stored.version)]
    )
    return services, actor, recording, recording.note_id


def the(body: NoteBody, words: str) -> Statement:
    """The one sentence that holds these words."""
    (found,) = (one for one in body.statements if words.lower() in one.text.lower())
    return found


async def the_body(services: Services, actor: Actor, note_id: NoteId) -> NoteBody:
    return (await notes.read(services, actor, note_id)).value.body


@pytest.mark.parametrize("template", ["visit", "soap", "gp"])
async def test_every_field_of_the_result_follows_an_edit_a_removal_and_an_undo(tmp_path: Path, template: str) -> None:
    async with quiet(tmp_path) as here:
        services, actor, recording, note_id = await drafted(here, template)
        original = await the_body(services, actor, note_id)
        before = await result_of(services, actor, recording)
        assert before is not None
        assert (before["diagnosis"], before["follow_up"][:17]) == ("Chest infection", "Review in 1 week.")
        for words, fresh, field in (
            ("Chest infection", "Impression: pneumonia.", "diagnosis"),
            ("Review in 1 week", "Review in 3 days.", "follow_up"),
            ("penicillin", "No known allergies.", "notes"),
        ):
            old = the(original, words)
            await notes.edit(services, actor, note_id, old.id, fresh, etag=None)
            edited = await result_of(services, actor, recording)
            assert edited is not None
            assert edited[field] != before[field]
            assert (fresh if field != "diagnosis" else "Pneumonia") in edited[field]
            assert old.text not in edited[field]
            await notes.undo(services, actor, note_id, etag=None)
            assert await result_of(services, actor, recording) == before
            await notes.remove(services, actor, note_id, old.id, etag=None)
            removed = await result_of(services, actor, recording)
            assert removed is not None
            assert old.text not in removed[field]
            assert field != "diagnosis" or removed[field] == ""
            await notes.undo(services, actor, note_id, etag=None)
            assert await the_body(services, actor, note_id) == original


async def test_a_sentence_that_a_clinician_adds_is_told_in_the_result(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor, recording, note_id = await drafted(here)
        await notes.add(services, actor, note_id, "Assessment", "Possible asthma.", etag=None)
        await notes.add(services, actor, note_id, "Plan", "Return if short of breath.", etag=None)
        result = await result_of(services, actor, recording)
        assert result is not None
        assert result["diagnosis"] == "Chest infection; Possible asthma"
        assert result["follow_up"].endswith("Return if short of breath.")


async def test_a_medicine_whose_sentence_is_reworded_keeps_no_old_dose(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor, recording, note_id = await drafted(here)
        body = await the_body(services, actor, note_id)
        parsed = body.medications[0]
        assert [the(body, one.name).id for one in body.medications] == [
            one.statement_ids[0] for one in body.medications
        ]
        assert parsed.strength
        wording = f"Start {parsed.name} 50 mg once daily."
        await notes.edit(services, actor, note_id, parsed.statement_ids[0], wording, etag=None)
        reworded = (await the_body(services, actor, note_id)).medications[0]
        assert (reworded.status, reworded.name, reworded.as_written) == (
            MedicationStatus.REWORDED,
            parsed.name,
            wording,
        )
        assert (reworded.strength, reworded.dose, reworded.frequency, reworded.duration) == ("", "", "", "")
        result = await result_of(services, actor, recording)
        assert result is not None
        assert result["medications"][0] == wording
        assert len(result["medications"]) == len(body.medications)
        # another sentence changes: the medicine stays as the clinician put it
        await notes.edit(services, actor, note_id, the(body, "Chest infection").id, "Bronchitis.", etag=None)
        assert (await the_body(services, actor, note_id)).medications[0] == reworded


async def test_a_medicine_keeps_its_sentences_under_the_ids_that_grounding_gives(tmp_path: Path) -> None:
    """Also one of a foreign writer that links nothing, or whose fields say what no sentence says."""
    async with quiet(tmp_path) as here:
        services, actor, recording, note_id = await drafted(here)
        heard = await transcripts.transcript_of(services, actor, recording.id)
        script = heard.model_copy(update={"turns": sample.turns()})
        body = await the_body(services, actor, note_id)
        sections = [
            section.model_copy(
                update={
                    "statements": tuple(one.model_copy(update={"id": f"own-{one.id}"}) for one in section.statements)
                }
            )
            for section in body.sections
        ]
        for links in (True, False):
            medications = [
                one.model_copy(update={"statement_ids": tuple(f"own-{each}" for each in one.statement_ids if links)})
                for one in body.medications
            ]
            foreign = body.model_copy(
                update={"sections": tuple(sections), "medications": tuple(medications), "diagnosis": "Plague"}
            )
            assert check(foreign, script) == body


async def test_a_medicine_that_no_sentence_names_any_more_is_gone_and_comes_back_with_undo(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor, recording, note_id = await drafted(here)
        body = await the_body(services, actor, note_id)
        first = body.medications[0]
        await notes.edit(services, actor, note_id, first.statement_ids[0], "Start cefuroxime 250 mg.", etag=None)
        renamed = await the_body(services, actor, note_id)
        assert renamed.medications == body.medications[1:]
        assert "Start cefuroxime 250 mg." in renamed.follow_up  # said in the result, though not as a parsed medicine
        await notes.undo(services, actor, note_id, etag=None)
        assert await the_body(services, actor, note_id) == body
        await notes.remove(services, actor, note_id, first.statement_ids[0], etag=None)
        assert (await the_body(services, actor, note_id)).medications == body.medications[1:]
        result = await result_of(services, actor, recording)
        assert result is not None
        assert all(first.name not in line for line in result["medications"])


async def test_a_doubt_about_a_medicine_blocks_signing_until_its_sentence_is_kept(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor, _recording, note_id = await drafted(here)
        stored = await notes.read(services, actor, note_id)
        assert stored.value.blocking == ()
        doubted = stored.value.body.medications[0]
        statement_id = doubted.statement_ids[0]
        flagged = doubted.model_copy(update={"flags": (Flag(code="dose_unclear", reason="Two doses."),)})
        body = stored.value.body.model_copy(update={"medications": (flagged, *stored.value.body.medications[1:])})
        await services.records_of(actor).transact(
            [Put(NOTES, stored.value.model_copy(update={"body": body}), if_version=stored.version)]
        )
        with pytest.raises(ConflictError) as refused:
            await notes.sign(services, actor, note_id, etag=None)
        assert refused.value.extras == {"blocking": [statement_id]}
        kept = await notes.keep(services, actor, note_id, statement_id, etag=None)
        assert kept.value.blocking == ()
        await notes.undo(services, actor, note_id, etag=None)
        same = await notes.edit(services, actor, note_id, statement_id, the(body, doubted.name).text, etag=None)
        assert same.value.blocking == ()  # a clinician stands for the words now
        assert (await notes.sign(services, actor, note_id, etag=None)).value.signature is not None


async def test_a_tag_of_one_version_does_not_fit_the_next(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor, _recording, note_id = await drafted(here)
        first: Stored[Note] = await notes.read(services, actor, note_id, 1)
        statement_id = first.value.body.statements[0].id
        signed = await notes.sign(services, actor, note_id, etag=(1, first.version))
        amended = await notes.amend(services, actor, note_id, "Wrong interval", etag=(1, signed.version))
        while amended.version < first.version:
            amended = await notes.edit(services, actor, note_id, statement_id, f"Edit {amended.version}.", etag=None)
        assert amended.version == first.version  # the rows of each version count anew
        with pytest.raises(StaleError):
            await notes.edit(services, actor, note_id, statement_id, "Too late.", etag=(1, first.version))
        await notes.edit(services, actor, note_id, statement_id, "In time.", etag=(2, amended.version))


async def test_a_slice_that_was_stored_after_the_end_is_not_joined(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        finalised = await live(services, actor)
        stray = Slice(recording_id=finalised.id, seq=1, size=5, sha256="0" * 64)
        await services.objects_of(actor).put(
            slice_object(stray), once(b"stray"), content_type="audio/webm", subject="unfiled", max_bytes=5
        )
        await services.records_of(actor).table(SLICES).put(stray, if_version=0)
        received = await sound.receive(services, actor, finalised)
        assert (finalised.slice_count, received.size) == (1, len(VISIT))


async def test_a_live_recording_without_consent_is_signed_once_it_is_written_down(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        ready = await scribed(services, actor, await live(services, actor))
        assert ready.note_id is not None
        for statement_id in (await notes.read(services, actor, ready.note_id)).value.blocking:
            await notes.keep(services, actor, ready.note_id, statement_id, etag=None)
        with pytest.raises(ConflictError) as refused:
            await notes.sign(services, actor, ready.note_id, etag=None)
        assert "/consent" in refused.value.remedy
        await record.record_consent(services, actor, ready.id, "patient")
        assert (await notes.sign(services, actor, ready.note_id, etag=None)).value.signature is not None


async def test_a_signed_note_stays_and_what_is_heard_again_is_the_draft_of_its_next_version(tmp_path: Path) -> None:
    async with quiet(tmp_path, delete_audio="30") as here:
        services, actor, recording, note_id = await drafted(here)
        signed = (await notes.sign(services, actor, note_id, etag=None)).value
        again = await scribed(services, actor, await rerun.retry(services, actor, recording.id, afresh=True))
        assert (again.note_id, again.revision) == (note_id, recording.revision + 1)
        first, second = await notes.versions(services, actor, note_id)
        assert first == signed
        assert (second.version, second.status, second.signature) == (2, NoteStatus.DRAFT, None)
        assert second.amendment_reason.startswith("Transcribed again with ")


async def test_a_note_whose_sound_went_when_it_was_signed_is_not_heard_again(tmp_path: Path) -> None:
    async with quiet(tmp_path) as here:
        services, actor, recording, note_id = await drafted(here)
        signed = (await notes.sign(services, actor, note_id, etag=None)).value
        with pytest.raises(ConflictError, match="deleted") as refused:
            await rerun.retry(services, actor, recording.id, afresh=True)
        assert "Amend the note" in refused.value.remedy
        assert (await notes.read(services, actor, note_id)).value == signed


async def test_speakers_are_not_swapped_when_the_last_run_was_cancelled_before_it_heard_anything(
    tmp_path: Path,
) -> None:
    async with quiet(tmp_path) as here:
        services, actor = here.clinic.services, doctor(here)
        ready = await scribed(services, actor, await uploaded(services, actor))
        await rerun.retry(services, actor, ready.id, afresh=True)
        with pytest.raises(ConflictError, match="still being worked on"):
            await transcripts.swap_speakers(services, actor, ready.id)
        await rerun.cancel(services, actor, ready.id)
        with pytest.raises(ConflictError) as refused:
            await transcripts.swap_speakers(services, actor, ready.id)
        assert refused.value.remedy == "Start the work again, then swap."
        again = await rerun.retry(services, actor, ready.id)
        await scribed(services, actor, again)
        assert (await transcripts.swap_speakers(services, actor, ready.id)).version == 3
