"""How long audio is kept: until the note is there, until it is signed, or for a number of days.

The default is `after_signing`, because a doctor checks a note against the sound.
"""

from __future__ import annotations

from datetime import timedelta

from auscult.domain.actor import Actor
from auscult.domain.errors import ConflictError
from auscult.domain.ids import RecordingId
from auscult.domain.note import NoteStatus
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows.recording_state import FINISHED, change, event, load
from auscult.flows.services import Services
from auscult.flows.sound import remove_early
from auscult.flows.tables import ALL, NOTES, RECORDINGS
from auscult.flows.work import tidy_job

_AT_REST = {RecordingStatus.READY, RecordingStatus.TRANSCRIPT_ONLY, RecordingStatus.NO_SPEECH}


async def tidy(services: Services, actor: Actor, recording_id: RecordingId) -> None:
    """Remove what a recording at rest no longer needs, and its audio when the policy says so. Harmless to repeat.

    A job that the change at rest causes runs this too, so that a crash right after that change leaves nothing behind.
    """
    recording = (await load(services, actor, recording_id)).value
    if recording.audio_deleted_at is not None:
        await _remove_sound(services, actor, recording)
        return
    if recording.status not in _AT_REST:
        return  # the work may still need all of it
    objects = services.objects_of(actor)
    async for key in objects.keys(f"derived/{recording_id}/"):
        if int(key.split("/")[2]) <= recording.revision:  # a later one belongs to work that began since
            await objects.delete(key)
    async for key in objects.keys(f"slices/{recording_id}/"):  # the whole recording replaced them
        await objects.delete(key)
    await remove_early(services, actor, recording)
    if await _is_due(services, actor, recording):
        await delete_audio(services, actor, recording_id)


async def _is_due(services: Services, actor: Actor, recording: Recording) -> bool:
    policy = services.limits.delete_audio
    if recording.note_id is None or policy not in {"after_note", "after_signing"}:
        return False
    newest = await services.records_of(actor).table(NOTES).query(recording.note_id, newest_first=True, limit=1)
    if not newest.items:
        return False
    return policy == "after_note" or newest.items[0].value.status is not NoteStatus.DRAFT


async def sweep(services: Services, actor: Actor) -> int:
    """Delete audio older than the policy's days; return of how many recordings. Also of work that failed."""
    policy = services.limits.delete_audio
    if not policy.isdigit():
        return 0
    horizon = services.ambient.now() - timedelta(days=int(policy))
    table = services.records_of(actor).table(RECORDINGS)
    swept = 0
    cursor: str | None = None
    while True:
        page = await table.query(ALL, index="audio", before=horizon.isoformat(), cursor=cursor)
        for stored in page.items:
            if stored.value.status in FINISHED:
                await delete_audio(services, actor, stored.value.id)
                swept += 1
        if page.next is None:
            return swept
        cursor = page.next


async def delete_audio(services: Services, actor: Actor, recording_id: RecordingId) -> None:
    """Delete a recording's sound, and say so on the recording. Harmless to repeat; the sample keeps its sound.

    It is said first: work that starts again meanwhile is refused, instead of losing its sound half way. Raises
    `ConflictError` while work is under way.
    """
    recording = (await load(services, actor, recording_id)).value
    if recording.sample:
        return
    now = services.ambient.now()

    def apply(current: Recording) -> Recording:
        if current.status not in FINISHED:
            raise ConflictError("The recording is still being worked on.")
        return current.model_copy(update={"audio_deleted_at": current.audio_deleted_at or now})

    if recording.audio_deleted_at is None:
        await change(
            services,
            actor,
            recording_id,
            apply,
            events=lambda current: [event(services, actor, "audio_deleted", recording_id=current.id)],
            jobs=lambda current: [tidy_job(actor, current.id, "audio_deleted", current.run)],
        )
    await _remove_sound(services, actor, recording)


async def _remove_sound(services: Services, actor: Actor, recording: Recording) -> None:
    objects = services.objects_of(actor)
    await objects.delete(recording.upload_key)
    for prefix in (f"slices/{recording.id}/", f"derived/{recording.id}/"):
        async for key in objects.keys(prefix):
            await objects.delete(key)
