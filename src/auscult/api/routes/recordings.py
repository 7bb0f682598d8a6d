"""Recordings: opened, filled, finalised, followed, filed, cancelled, retried, discarded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from auscult.api import bodies
from auscult.api.addresses import absolute
from auscult.api.callers import Clinician, Recorder, ServicesOf, clinic_given, needs
from auscult.api.declared import SOUND
from auscult.api.json_bodies import JsonRoute
from auscult.api.ranges import content_range, parse_range
from auscult.api.sent import Finalise, NewConsent, NewRecording, RecordingChange, Rewrite
from auscult.api.views import Listing, OpenedRecording, RecordingView, SlicesView, SliceView, TranscriptView
from auscult.clinic import Clinic
from auscult.domain.access import Scope
from auscult.domain.actor import Actor
from auscult.domain.errors import GoneError, NotFoundError
from auscult.domain.ids import PatientId, RecordingId
from auscult.domain.recording import Recording
from auscult.flows import care_team, discard, file, patients, record, rerun, sample, slices, transcripts
from auscult.flows.recording_state import load
from auscult.flows.services import Services
from auscult.flows.tables import ALL, RECORDINGS

router = APIRouter(
    prefix="/recordings", tags=["recordings"], route_class=JsonRoute, dependencies=[Depends(needs(Scope.RECORDINGS))]
)
ClinicOf = Annotated[Clinic, Depends(clinic_given)]


@router.post("", status_code=201)
async def open_recording(
    body: NewRecording,
    request: Request,
    services: ServicesOf,
    actor: Recorder,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> OpenedRecording:
    """Open a recording, to be filled by slices (`live`) or by one PUT to `upload_url`.

    The same Idempotency-Key again answers with the recording that it opened.
    """
    recording = await record.open_recording(
        services,
        actor,
        content_type=body.content_type,
        live=body.live,
        language=body.language,
        template=body.template,
        patient_id=PatientId(body.patient_id) if body.patient_id else None,
        title=body.title,
        consent_given_by=body.consent.given_by if body.consent else None,
        consent_at=body.consent.at if body.consent else None,
        idempotency_key=idempotency_key,
    )
    url = None if body.live else absolute(request, await record.upload_url(services, actor, recording))
    return OpenedRecording(**RecordingView.of(recording).model_dump(), upload_url=url)


@router.get("")
async def list_recordings(
    services: ServicesOf,
    actor: Clinician,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Listing[RecordingView]:
    """Recordings, newest first. Those of patients in others' care are left out, so a page may be shorter."""
    page = (
        await services.records_of(actor)
        .table(RECORDINGS)
        .query(ALL, index="recent", newest_first=True, limit=limit, cursor=cursor)
    )
    found = await care_team.without_others(services, actor, [stored.value for stored in page.items])
    names = await patients.names(services, actor, (one.patient_id for one in found))
    items = [RecordingView.of(one, names.get(one.patient_id) if one.patient_id else None) for one in found]
    return Listing(items=items, next=page.next)


@router.get("/{recording_id}")
async def read_recording(recording_id: str, services: ServicesOf, actor: Recorder) -> RecordingView:
    """One recording and where its work stands."""
    return await _view(services, actor, (await load(services, actor, RecordingId(recording_id))).value)


@router.patch("/{recording_id}")
async def change_recording(
    recording_id: str, body: RecordingChange, services: ServicesOf, actor: Clinician
) -> RecordingView:
    """Rename a recording, say its language, or file it under a patient (`null`: under nobody)."""
    key = RecordingId(recording_id)
    recording = await record.rename(services, actor, key, title=body.title, language=body.language)
    if "patient_id" in body.model_fields_set:
        patient_id = PatientId(body.patient_id) if body.patient_id else None
        recording = await file.file_recording(services, actor, key, patient_id)
    return await _view(services, actor, recording)


@router.delete("/{recording_id}", status_code=204)
async def discard_recording(recording_id: str, clinic: ClinicOf, actor: Clinician) -> Response:
    """Throw a recording away with its audio, transcript and draft. A signed note prevents it."""
    await discard.discard(clinic.services, actor, RecordingId(recording_id))
    clinic.early.ended(RecordingId(recording_id))
    return Response(status_code=204)


@router.put("/{recording_id}/chunks/{seq}")
async def put_slice(
    recording_id: str,
    seq: int,
    request: Request,
    clinic: ClinicOf,
    actor: Recorder,
    x_content_sha256: Annotated[str | None, Header()] = None,
) -> SliceView:
    """Keep one slice of a live recording. Idempotent: the same slice may be sent again, in any order."""
    data = await bodies.whole(request, clinic.services.limits.slice_bytes)
    kept = await slices.put_slice(clinic.services, actor, RecordingId(recording_id), seq, data, sha256=x_content_sha256)
    clinic.early.arrived(actor, kept.recording_id)
    return SliceView(seq=kept.seq, size=kept.size, sha256=kept.sha256)


@router.get("/{recording_id}/chunks")
async def list_slices(recording_id: str, services: ServicesOf, actor: Recorder) -> SlicesView:
    """Which slices are safely kept, so that a client sends only the missing ones, or another finalises what is here."""
    key = RecordingId(recording_id)
    recording = (await load(services, actor, key)).value
    kept = await slices.kept_slices(services, actor, key)
    return SlicesView(
        have=[one.seq for one in kept],
        slices=[SliceView(seq=one.seq, size=one.size, sha256=one.sha256) for one in kept],
        finalised=recording.finalised_at is not None and not recording.abandoned,
    )


@router.post("/{recording_id}/finalise", status_code=202)
async def finalise(recording_id: str, body: Finalise, clinic: ClinicOf, actor: Recorder) -> RecordingView:
    """Close a live recording and start the work. Missing slices are named in a 409."""
    key = RecordingId(recording_id)
    closed = await slices.finalise(clinic.services, actor, key, body.count, body.sha256)
    clinic.early.ended(key)
    return RecordingView.of(closed)


@router.post("/{recording_id}/consent")
async def consent(recording_id: str, body: NewConsent, services: ServicesOf, actor: Recorder) -> RecordingView:
    """Write down who agreed to be recorded."""
    return RecordingView.of(await record.record_consent(services, actor, RecordingId(recording_id), body.given_by))


@router.post("/{recording_id}/withdraw-consent")
async def withdraw_consent(recording_id: str, clinic: ClinicOf, actor: Recorder) -> RecordingView:
    """The patient no longer agrees: the recording is stopped and thrown away; the consent's end is kept."""
    key = RecordingId(recording_id)
    discarded = await discard.discard(clinic.services, actor, key, consent_withdrawn=True)
    clinic.early.ended(key)
    return RecordingView.of(discarded)


@router.post("/{recording_id}/cancel")
async def cancel(recording_id: str, services: ServicesOf, actor: Clinician) -> RecordingView:
    """Stop the work on a recording; what finished steps produced is kept."""
    return RecordingView.of(await rerun.cancel(services, actor, RecordingId(recording_id)))


@router.post("/{recording_id}/retry", status_code=202)
async def retry(recording_id: str, services: ServicesOf, actor: Clinician) -> RecordingView:
    """Go on with work that failed, was cancelled, or found no writer."""
    return RecordingView.of(await rerun.retry(services, actor, RecordingId(recording_id)))


@router.post("/{recording_id}/transcribe", status_code=202)
async def transcribe_again(recording_id: str, services: ServicesOf, actor: Clinician) -> RecordingView:
    """Do all the work again, as a new revision, with the best engines of now."""
    return RecordingView.of(await rerun.retry(services, actor, RecordingId(recording_id), afresh=True))


@router.get("/{recording_id}/audio", response_class=StreamingResponse, responses=SOUND)
async def audio(
    recording_id: str,
    services: ServicesOf,
    actor: Clinician,
    range: Annotated[str | None, Header()] = None,  # noqa: A002  # the header's own name
) -> StreamingResponse:
    """The sound, whole or by range, so that a player can jump."""
    recording = (await load(services, actor, RecordingId(recording_id))).value
    if recording.audio_deleted_at is not None:
        raise GoneError("The audio was deleted.", remedy="The transcript shows what was heard.")
    objects = services.objects_of(actor)
    info = await objects.head(recording.upload_key)
    if info is None:
        raise NotFoundError("The audio is not here yet.", remedy="Wait until the recording has arrived.")
    wanted = parse_range(range, info.size)
    start, end = wanted or (0, info.size)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "Cache-Control": "private, no-store",
    }
    if wanted is not None:
        headers["Content-Range"] = content_range(start, end, info.size)
    return StreamingResponse(
        objects.read(recording.upload_key, start, end),
        status_code=206 if wanted else 200,
        media_type=info.content_type,
        headers=headers,
    )


@router.get("/{recording_id}/transcript")
async def transcript(
    recording_id: str,
    services: ServicesOf,
    actor: Clinician,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> TranscriptView:
    """What was heard, turn by turn: the newest version, or the one that a note's sources point into."""
    return TranscriptView.of(await transcripts.transcript_of(services, actor, RecordingId(recording_id), version))


@router.post("/{recording_id}/swap-speakers")
async def swap_speakers(recording_id: str, services: ServicesOf, actor: Clinician) -> TranscriptView:
    """Exchange clinician and patient, and have the draft written again."""
    return TranscriptView.of(await transcripts.swap_speakers(services, actor, RecordingId(recording_id)))


@router.post("/{recording_id}/rewrite", status_code=202)
async def rewrite(recording_id: str, body: Rewrite, services: ServicesOf, actor: Clinician) -> RecordingView:
    """Have the draft written again from the same transcript, laid out by another template.

    What a clinician wrote or decided stays, and `POST /notes/{id}/undo` brings the draft before back.
    """
    return RecordingView.of(await transcripts.rewrite(services, actor, RecordingId(recording_id), body.template))


@router.get("/{recording_id}/comparison")
async def comparison(recording_id: str, services: ServicesOf, actor: Clinician) -> sample.Comparison:
    """The bundled consultation's script beside what was heard."""
    return await sample.comparison(services, actor, RecordingId(recording_id))


async def _view(services: Services, actor: Actor, recording: Recording) -> RecordingView:
    names = await patients.names(services, actor, [recording.patient_id])
    return RecordingView.of(recording, next(iter(names.values()), None))
