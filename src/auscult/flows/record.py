"""Recording: opened, filled slice by slice or by one upload, finalised, filed, cancelled, retried, discarded.

Nothing here decodes or understands sound: `flows.scribe` does, as a job that the last byte's arrival causes.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from auscult.domain.actor import Actor
from auscult.domain.errors import (
    AuscultError,
    ConflictError,
    InvalidError,
    NotFoundError,
    TooLargeError,
    UnsupportedMediaError,
)
from auscult.domain.ids import PatientId, RecordingId
from auscult.domain.media import EXTENSIONS, media_type
from auscult.domain.note import Template
from auscult.domain.recording import Consent, Failure, Recording, RecordingStatus, Slice, StepState
from auscult.flows import preferences, waiting
from auscult.flows.discard import sweep_discarded
from auscult.flows.idempotency import made_before, remember
from auscult.flows.recording_state import all_rows, change, load, progress, with_step
from auscult.flows.services import Services
from auscult.flows.tables import (
    PATIENTS,
    RECORDINGS,
    SLICES,
    recording_key,
    slice_key,
    subject_of,
)
from auscult.flows.work import refile_job, scribe_job
from auscult.stores.records import Expect, Key, Put, Stored

OLDEST_CONSENT: Final = timedelta(days=30)
"""A recording that waited longer for a network was forgotten, not delayed."""
CLOCK_SLACK: Final = timedelta(minutes=10)
"""How far a device's clock may be ahead; the consent is then kept with our time."""
_OPENED: Final = "recording"
MAX_SLICES: Final = 100_000
"""More than 24 h of one-second slices: beyond it a sequence number is a mistake."""
_TRIES: Final = 20
"""How often a slice is written down again when its recording changed meanwhile: more means a fault, not contention."""


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
    try:
        await services.records_of(actor).transact(
            [
                Put(RECORDINGS, recording, if_version=0),
                *remember(services, actor, _OPENED, idempotency_key, recording.id),
            ],
            events=[progress(services, actor, recording, "received", 0.0)],
        )
    except ConflictError:
        twin = await made_before(services, actor, _OPENED, idempotency_key)
        if twin is None:
            raise
        return (await load(services, actor, RecordingId(twin))).value
    return recording


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
        return await waiting.end(services, actor, recording.id, _failure(error), for_good=True)
    if info is None:
        return recording
    await services.objects_of(actor).refile(recording.upload_key, subject_of(recording.patient_id))
    return await _uploaded(services, actor, recording, size=info.size, sha256=info.sha256)


async def _uploaded(services: Services, actor: Actor, recording: Recording, *, size: int, sha256: str) -> Recording:
    """Start the work on bytes that are there. Whoever was first, the upload's answer or a look at the store, is fine.

    Raises `NotFoundError` when the recording was discarded meanwhile; the bytes are removed then.
    """
    try:
        return await _received(services, actor, recording, size=size, sha256=sha256)
    except ConflictError:
        current = (await load(services, actor, recording.id)).value
        if current.status is RecordingStatus.DISCARDED:
            await sweep_discarded(services, actor, recording.id)
            raise NotFoundError("The recording was discarded.") from None
        if current.sha256 != sha256:
            raise
        return current


async def put_slice(
    services: Services, actor: Actor, recording_id: RecordingId, seq: int, data: bytes, *, sha256: str | None = None
) -> Slice:
    """Keep one slice of a live recording. The same slice again is fine, in any order.

    Raises `InvalidError` (hash or number wrong), `TooLargeError`, and `ConflictError` for other bytes under a number
    that is taken, or after finalise.
    """
    if not 0 <= seq < MAX_SLICES:
        raise InvalidError("The slice number is out of range.")
    if len(data) > services.limits.slice_bytes:
        raise TooLargeError("The slice is larger than allowed.", remedy="Send slices of about one second.")
    digest = hashlib.sha256(data).hexdigest()
    if sha256 is not None and sha256.lower() != digest:
        raise InvalidError("The slice does not match its hash.", remedy="Send the slice again.")
    stored = await load(services, actor, recording_id)
    known = await services.records_of(actor).table(SLICES).get(slice_key(recording_id, seq))
    if known is not None:
        return _same_slice(known.value, digest)
    stored = await _open_for_slices(services, actor, stored)
    recording = stored.value
    kept = Slice(
        recording_id=recording_id,
        patient_id=recording.patient_id,
        seq=seq,
        size=len(data),
        sha256=digest,
        kept_at=services.ambient.now(),
    )
    await services.objects_of(actor).put(
        slice_object(kept),
        _once(data),
        content_type=recording.content_type,
        subject=subject_of(recording.patient_id),
        max_bytes=services.limits.slice_bytes,
        overwrite=True,
    )
    return await _entered(services, actor, stored, kept)


async def _open_for_slices(services: Services, actor: Actor, stored: Stored[Recording]) -> Stored[Recording]:
    """The recording while it takes slices, taken up again where it had ended for want of them."""
    recording = stored.value
    if not recording.live:
        raise ConflictError("This recording takes one upload, not slices.")
    if recording.status is RecordingStatus.OPEN:
        return stored
    await waiting.take_up_again(services, actor, recording.id)
    return await _open_for_slices(services, actor, await load(services, actor, recording.id))


async def _entered(services: Services, actor: Actor, stored: Stored[Recording], kept: Slice) -> Slice:
    """Write down a slice whose bytes are there, while its recording is as `stored` is: open, and filed where it was.

    So whoever closes, files or discards a recording finds every slice that was ever said to be kept, and none comes
    after. When it changed meanwhile, the slice goes where the recording has gone, or is not kept.
    """
    records, objects, key = services.records_of(actor), services.objects_of(actor), slice_object(kept)
    for _ in range(_TRIES):
        unchanged = Expect(RECORDINGS, recording_key(kept.recording_id), stored.version)
        with suppress(ConflictError):
            await records.transact([unchanged, Put(SLICES, kept, if_version=0)])
            return kept
        refused = None
        try:
            stored = await _open_for_slices(services, actor, await load(services, actor, kept.recording_id))
        except ConflictError as error:
            stored, refused = await load(services, actor, kept.recording_id), error
        # looked for after that: once a recording takes no more slices, nobody adds this one
        winner = await records.table(SLICES).get(slice_key(kept.recording_id, kept.seq))
        if winner is not None and winner.value.sha256 == kept.sha256:
            return winner.value
        if winner is not None or not stored.value.awaits_sound:
            await objects.delete(key)
        if winner is not None or refused is not None:
            raise refused or _number_taken()
        if stored.value.patient_id != kept.patient_id:
            kept = kept.model_copy(update={"patient_id": stored.value.patient_id})
            with suppress(NotFoundError):  # discarded since, which the next attempt finds out
                await objects.refile(key, subject_of(kept.patient_id))
    raise ConflictError("The recording is being changed too often at the same time.")


async def slices(services: Services, actor: Actor, recording_id: RecordingId) -> list[Slice]:
    """The slices that are safely kept, in order."""
    await load(services, actor, recording_id)
    return await all_rows(services.records_of(actor), SLICES, recording_id)


async def finalise(services: Services, actor: Actor, recording_id: RecordingId, count: int, sha256: str) -> Recording:
    """Close a live recording and start the work, once all `count` slices are here.

    `sha256` is the SHA-256 of the slices' hex digests, concatenated in order. Twice with the same values is the same
    answer. Raises `ConflictError` naming the missing slices, or when it was finalised otherwise; `InvalidError` when
    the hash does not match.
    """
    recording = (await load(services, actor, recording_id)).value
    if recording.status is RecordingStatus.DISCARDED:
        raise ConflictError("The recording was discarded.", remedy="Start a new recording.")
    if not recording.live:
        raise ConflictError("This recording takes one upload, not slices.")
    if not recording.awaits_sound:
        return _same_finalise(recording, sha256)
    if not 0 < count <= MAX_SLICES:
        raise InvalidError("The slice count is out of range.")
    kept = await slices(services, actor, recording_id)
    have = {one.seq for one in kept}
    missing = [seq for seq in range(count) if seq not in have]
    if missing or len(have) > count:
        raise ConflictError(
            "Not all slices are here." if missing else "There are more slices than the count says.",
            remedy="Send the missing slices, then finalise again.",
            extras={"missing": missing[:1000]},
        )
    if sequence_hash(kept) != sha256.lower():
        raise InvalidError("The slices do not match the hash.", remedy="Compare the slices' hashes and send again.")
    size = sum(one.size for one in kept)
    if size > services.limits.upload_bytes:
        raise TooLargeError("The recording is larger than allowed.")
    try:
        return await _received(services, actor, recording, size=size, sha256=sha256.lower(), slice_count=count)
    except ConflictError:
        return _same_finalise((await load(services, actor, recording_id)).value, sha256)


async def close_abandoned(services: Services, actor: Actor, recording: Recording, kept: list[Slice]) -> Recording:
    """Close a live recording whose device is lost with the slices that were `kept`, and start the work on them.

    Where that cannot be (no sound, no beginning, no consent, too much) it ends and says so; what was kept stays, and
    what still comes takes it up again.
    """
    failure = waiting.lacking(recording, kept)
    size = sum(one.size for one in kept)
    if failure is None and size > services.limits.upload_bytes:
        failure = _failure(TooLargeError("The recording is larger than allowed."))
    if failure is not None:
        return await waiting.end(services, actor, recording.id, failure)
    try:
        closed = await _closed_with(services, actor, recording, kept)
        # a slice that came between the look at them and the end; none comes any more
        kept_after_all = await slices(services, actor, recording.id)
        if len(kept_after_all) > len(kept):
            return await _closed_with(services, actor, closed, kept_after_all)
    except ConflictError:
        return (await load(services, actor, recording.id)).value
    return closed


async def _closed_with(services: Services, actor: Actor, recording: Recording, kept: list[Slice]) -> Recording:
    size = sum(one.size for one in kept)
    hashed, count = sequence_hash(kept), kept[-1].seq + 1
    return await _received(services, actor, recording, size=size, sha256=hashed, slice_count=count, abandoned=True)


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


def sequence_hash(kept: list[Slice]) -> str:
    """SHA-256 over the slices' hex digests in order: what `finalise` compares."""
    return hashlib.sha256("".join(one.sha256 for one in kept).encode()).hexdigest()


def slice_object(kept: Slice) -> str:
    """The object key of a slice. It holds the digest, so that other bytes can never take its place."""
    return f"slices/{kept.recording_id}/{kept.seq:08d}-{kept.sha256[:16]}"


async def _received(
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


def _failure(error: AuscultError) -> Failure:
    return Failure(code=error.code, reason=error.reason, remedy=error.remedy)


def _same_slice(known: Slice, digest: str) -> Slice:
    if known.sha256 != digest:
        raise _number_taken()
    return known


def _number_taken() -> ConflictError:
    return ConflictError("Another slice was stored under this number.", remedy="Use the next free number.")


def _same_finalise(recording: Recording, sha256: str) -> Recording:
    if recording.sha256 != sha256.lower():
        if recording.abandoned or recording.finalised_at is None:
            raise waiting.closed(recording)
        raise ConflictError("The recording was finalised with other slices.")
    return recording


def _kept(recording: Recording) -> Recording:
    if recording.status is RecordingStatus.DISCARDED:
        raise ConflictError("The recording was discarded.")
    return recording


async def _known_patient(services: Services, actor: Actor, patient_id: PatientId) -> None:
    stored = await services.records_of(actor).table(PATIENTS).get(Key(patient_id))
    if stored is None or stored.value.merged_into is not None:
        raise NotFoundError("There is no such patient.")


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
