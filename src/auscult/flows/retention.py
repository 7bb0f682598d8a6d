"""How long audio is kept: until the note is there, until it is signed, or for a number of days.

The default is `after_signing`, because a doctor checks a note against the sound.
"""

from __future__ import annotations

from datetime import timedelta

from auscult.domain.actor import Actor
from auscult.domain.ids import RecordingId
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows.recording_state import all_rows, change, event, load
from auscult.flows.services import Services
from auscult.flows.tables import RECORDINGS


async def note_is_stored(services: Services, actor: Actor, recording_id: RecordingId) -> None:
    """Apply the policy once a recording's note is stored; slices that the whole recording replaced go in any case."""
    objects = services.objects_of(actor)
    async for key in objects.keys(f"slices/{recording_id}/"):
        await objects.delete(key)
    if services.limits.delete_audio == "after_note":
        await delete_audio(services, actor, recording_id)


async def note_is_signed(services: Services, actor: Actor, recording_id: RecordingId) -> None:
    """Apply the policy once a recording's note is signed."""
    if services.limits.delete_audio == "after_signing":
        await delete_audio(services, actor, recording_id)


async def sweep(services: Services, actor: Actor) -> int:
    """Delete audio older than the policy's days; return of how many recordings. Also of work that failed."""
    policy = services.limits.delete_audio
    if not policy.isdigit():
        return 0
    horizon = services.ambient.now() - timedelta(days=int(policy))
    swept = 0
    for status in (RecordingStatus.READY, RecordingStatus.TRANSCRIPT_ONLY, RecordingStatus.NO_SPEECH):
        for recording in await all_rows(services.records_of(actor), RECORDINGS, status.value, "status"):
            if recording.audio_deleted_at is None and recording.created_at < horizon:
                await delete_audio(services, actor, recording.id)
                swept += 1
    return swept


async def delete_audio(services: Services, actor: Actor, recording_id: RecordingId) -> None:
    """Delete a recording's sound, and say so on the recording. Harmless to repeat; the sample keeps its sound."""
    recording = (await load(services, actor, recording_id)).value
    if recording.sample:
        return
    objects = services.objects_of(actor)
    await objects.delete(recording.upload_key)
    for prefix in (f"slices/{recording_id}/", f"derived/{recording_id}/"):
        async for key in objects.keys(prefix):
            await objects.delete(key)
    now = services.ambient.now()

    def apply(current: Recording) -> Recording:
        return current.model_copy(update={"audio_deleted_at": current.audio_deleted_at or now})

    await change(
        services,
        actor,
        recording_id,
        apply,
        events=lambda current: [event(services, actor, "audio_deleted", recording_id=current.id)],
    )
