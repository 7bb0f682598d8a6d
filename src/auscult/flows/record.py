"""Recording: opened, agreed to, named, filled by one upload or slice by slice (`flows.slices`), received.

Nothing here decodes or understands sound: `flows.scribe` does, as a job that the last byte's arrival causes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from auscult.domain.actor import Actor
from auscult.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    TooLargeError,
    UnsupportedMediaError,
)
from auscult.domain.ids import PatientId, RecordingId
from auscult.domain.media import EXTENSIONS, media_type
from auscult.domain.note import Template
from auscult.domain.recording import Consent, Failure, Recording, RecordingStatus, StepState
from auscult.flows import preferences, waiting
from auscult.flows.care_team import joining, require_recording
from auscult.flows.discard import sweep_discarded
from auscult.flows.idempotency import made_before, remember
from auscult.flows.newest import until_it_holds
from auscult.flows.recording_state import change, load, progress, with_step
from auscult.flows.services import Services
from auscult.flows.tables import (
    PATIENTS,
    RECORDINGS,
    subject_of,
)
from auscult.flows.work import refile_job, scribe_job
from auscult.stores.records import Key, Put, Stored

OLDEST_CONSENT: Final = timedelta(days=30)
"""A recording that waited longer for a network was forgotten, not delayed."""
CLOCK_SLACK: Final = timedelta(minutes=10)
"""How far a device's clock may be ahead; the consent is then kept with our time."""
_OPENED: Final = "recording"


async def open_recording(
    services: Services,
    actor: Actor,
    *,
    content_type: str,
    live: bool,
    language: str = "auto",
    patient_id: PatientId | None = None,
    title: str = "",
    consent_given_by: str | None = None,
    consent_at: datetime | None = None,
    template: Template | None = None,
    sample: bool = False,
    idempotency_key: str | None = None,
) -> Recording:
    """Open a recording that slices (`live`) or one upload will fill.

    `consent_at` is when consent was given, for a recording that was begun without a network; without a `template` the
    note is laid out as the actor prefers. The same `idempotency_key` again returns the recording that it opened before.

    Raises `InvalidError` for a consent time that cannot be, `UnsupportedMediaError`, and `NotFoundError` for an unknown
    patient.
    """
    kind = media_type(content_type)
    if patient_id is not None:
        await _known_patient(services, actor, patient_id)

    async def once() -> Recording:
        before = await made_before(services, actor, _OPENED, idempotency_key)
        if before is not None:
            return (await load(services, actor, RecordingId(before))).value
        now = services.ambient.now()
        name = UUID(bytes=services.ambient.secret(16), version=4)
        recording = Recording(
            id=RecordingId(services.ambient.new_id("REC")),
            upload_key=f"uploads/{name}.{EXTENSIONS[kind]}",
            content_type=kind,
            patient_id=patient_id,
            title=title,
            language=language,
            template=template or (await preferences.of(services, actor)).template,
            live=live,
            consent=_consent(services, actor, consent_given_by, consent_at) if consent_given_by else None,
            created_by=actor.user_id,
            created_at=now,
            sample=sample,
        )
        await services.records_of(actor).transact(
            [
                Put(RECORDINGS, recording, if_version=0),
                *remember(services, actor, _OPENED, idempotency_key, recording.id),
                *await joining(services, actor, patient_id),
            ],
            events=[progress(services, actor, recording, "received", 0.0)],
        )
        return recording

    # sent twice at once, or somebody joined the care team at the same time: the second look knows of it
    return await until_it_holds(once)


async def upload_url(services: Services, actor: Actor, recording: Recording) -> str:
    """A signed URL for the one PUT of this recording's file."""
    return await services.objects_of(actor).upload_url(
        recording.upload_key,
        content_type=recording.content_type,
        expires_in=services.limits.upload_url_seconds,
        max_bytes=services.limits.upload_bytes,
    )


async def by_upload_key(services: Services, actor: Actor, key: str) -> Stored[Recording]:
    """The recording for which an upload key was issued.

    Raises `NotFoundError` for a key never issued, or not to this device or system.
    """
    page = await services.records_of(actor).table(RECORDINGS).query(key, index="upload", limit=1)
    if not page.items or not actor.may_see(page.items[0].value.created_by):
        raise NotFoundError("This key was never issued.")
    await require_recording(services, actor, page.items[0].value)
    return page.items[0]


async def store_upload(
    services: Services, actor: Actor, key: str, data: AsyncIterator[bytes], *, content_type: str, max_bytes: int
) -> Recording:
    """Take the bytes of the one PUT and start the work.

    Raises `ConflictError` for a second PUT, `TooLargeError`, `StorageFullError`, `NotFoundError`.
    """
    stored = await by_upload_key(services, actor, key)
    if stored.value.status is RecordingStatus.DISCARDED:
        raise NotFoundError("The recording was discarded.")
    if stored.value.live or not stored.value.awaits_sound:
        raise ConflictError("This upload URL was used already.", remedy="Ask for a new upload URL.")
    info = await services.objects_of(actor).put(
        key,
        data,
        content_type=content_type,
        subject=subject_of(stored.value.patient_id),
        max_bytes=min(max_bytes, services.limits.upload_bytes),
    )
    return await _uploaded(services, actor, stored.value, size=info.size, sha256=info.sha256)


async def adopt_upload(services: Services, actor: Actor, recording: Recording) -> Recording:
    """Start the work on an upload whose bytes are there though nobody told us: S3, or a crash after the PUT.

    One that is larger than allowed, or of another type, ends the recording and is removed.
    """
    if recording.live or not recording.awaits_sound:
        return recording
    try:
        info = await services.objects_of(actor).adopt(
            recording.upload_key,
            content_type=recording.content_type,
            subject=subject_of(recording.patient_id),
            max_bytes=services.limits.upload_bytes,
        )
    except (TooLargeError, UnsupportedMediaError) as error:
        return await waiting.end(services, actor, recording.id, Failure.of(error), for_good=True)
    if info is None:
        return recording
    await services.objects_of(actor).refile(recording.upload_key, subject_of(recording.patient_id))
    return await _uploaded(services, actor, recording, size=info.size, sha256=info.sha256)


async def _uploaded(services: Services, actor: Actor, recording: Recording, *, size: int, sha256: str) -> Recording:
    """Start the work on bytes that are there. Whoever was first, the upload's answer or a look at the store, is fine.

    Raises `NotFoundError` when the recording was discarded meanwhile; the bytes are removed then.
    """
    try:
        return await received(services, actor, recording, size=size, sha256=sha256)
    except ConflictError:
        current = (await load(services, actor, recording.id)).value
        if current.status is RecordingStatus.DISCARDED:
            await sweep_discarded(services, actor, recording.id)
            raise NotFoundError("The recording was discarded.") from None
        if current.sha256 != sha256:
            raise
        return current


async def record_consent(services: Services, actor: Actor, recording_id: RecordingId, given_by: str) -> Recording:
    """Write down who agreed, to whom they said it and when. What only waited for it goes on."""
    consent = _consent(services, actor, given_by)

    def apply(recording: Recording) -> Recording:
        agreed = _kept(recording).model_copy(update={"consent": consent})
        return waiting.reopened(agreed) if agreed.failure == waiting.CONSENT_MISSING else agreed

    return await change(services, actor, recording_id, apply)


async def rename(
    services: Services, actor: Actor, recording_id: RecordingId, *, title: str | None, language: str | None
) -> Recording:
    """Give a recording a working title, or say which language is spoken in it."""
    update = {name: value for name, value in (("title", title), ("language", language)) if value is not None}
    return await change(services, actor, recording_id, lambda recording: _kept(recording).model_copy(update=update))


async def received(
    services: Services,
    actor: Actor,
    known: Recording,
    *,
    size: int,
    sha256: str,
    slice_count: int = 0,
    abandoned: bool = False,
) -> Recording:
    """Close a recording with the bytes that are here, and start the work on them.

    `known` is the recording as it was when its bytes were put: they are sealed for whom it was filed under then. One
    that upkeep had closed just before is closed anew.
    """
    now = services.ambient.now()

    def apply(recording: Recording) -> Recording:
        under_way = recording.status in {RecordingStatus.RECEIVED, RecordingStatus.PROCESSING}
        anew = abandoned and known.abandoned and under_way and recording.run == known.run
        if not recording.awaits_sound and not anew:
            raise ConflictError("The recording is closed already.")
        closed = recording.model_copy(
            update={
                "status": RecordingStatus.RECEIVED,
                "failure": None,
                "abandoned": abandoned,
                "size": size,
                "sha256": sha256,
                "slice_count": slice_count,
                "finalised_at": now,
                "run": recording.run + 1,
            }
        )
        return with_step(
            closed,
            StepState(name="received", fraction=0.0 if recording.live else 1.0, started_at=recording.created_at),
        )

    return await change(
        services,
        actor,
        known.id,
        apply,
        events=lambda recording: [progress(services, actor, recording, "received", 0.5)],
        jobs=lambda recording: [
            scribe_job(actor, recording),
            *([refile_job(actor, recording, "received")] if recording.patient_id != known.patient_id else []),
        ],
    )


def _consent(services: Services, actor: Actor, given_by: str, at: datetime | None = None) -> Consent:
    now = services.ambient.now()
    if at is not None and not now - OLDEST_CONSENT <= at <= now + CLOCK_SLACK:
        raise InvalidError("The time of the consent cannot be right.", remedy="Check the clock of the device.")
    given = now if at is None else min(at, now)
    return Consent(given_by=given_by, recorded_by=actor.user_id, recorded_by_name=actor.name, at=given)


def _kept(recording: Recording) -> Recording:
    if recording.status is RecordingStatus.DISCARDED:
        raise ConflictError("The recording was discarded.")
    return recording


async def _known_patient(services: Services, actor: Actor, patient_id: PatientId) -> None:
    stored = await services.records_of(actor).table(PATIENTS).get(Key(patient_id))
    if stored is None or stored.value.merged_into is not None:
        raise NotFoundError("There is no such patient.")
