"""Recordings that wait for sound: ended with a reason when none comes, and taken up again when it comes after all."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError, ConflictError
from auscult.domain.ids import RecordingId
from auscult.domain.recording import Failure, Recording, RecordingStatus, Slice
from auscult.flows.recording_state import change, event, load, progress
from auscult.flows.services import Services
from auscult.flows.work import tidy_job

UPLOAD_EXPIRED: Final = Failure(
    code="upload_expired",
    reason="Nothing was uploaded before the upload URL expired.",
    remedy="Ask for a new upload URL, and upload the recording to it.",
)
NOTHING_RECORDED: Final = Failure(
    code="nothing_recorded",
    reason="No sound came from the device that was to record.",
    remedy="If sound is left on that device, open the recorder there: it sends the rest. Else record again.",
)
START_MISSING: Final = Failure(
    code="start_missing",
    reason="The beginning of the recording never came, and the rest cannot be heard without it.",
    remedy="Open the recorder on the device that recorded: it sends what is missing. Else discard the recording.",
)
CONSENT_MISSING: Final = Failure(
    code="consent_missing",
    reason="The device that recorded was not heard of again, and nobody wrote down that the patient agreed.",
    remedy="Write down the consent, and the work begins. Else discard the recording.",
)


async def end(
    services: Services, actor: Actor, recording_id: RecordingId, failure: Failure, *, for_good: bool = False
) -> Recording:
    """End a recording that waits for sound; return it as it is then, unchanged when the sound came meanwhile.

    `for_good`: what came cannot be used; it is removed, and nothing that comes later is taken.
    """
    now = services.ambient.now()

    def apply(recording: Recording) -> Recording:
        if not recording.awaits_sound:
            raise ConflictError("The sound came meanwhile.")
        ended = recording.model_copy(update={"status": RecordingStatus.FAILED, "failure": failure})
        return ended.model_copy(update={"audio_deleted_at": now}) if for_good else ended

    try:
        ended = await change(
            services,
            actor,
            recording_id,
            apply,
            events=lambda current: [
                event(services, actor, "recording_failed", recording_id=current.id, code=failure.code)
            ],
            jobs=lambda current: [tidy_job(actor, current.id, failure.code, current.run)] if for_good else [],
        )
    except ConflictError:
        return (await load(services, actor, recording_id)).value
    if for_good:
        with suppress(AuscultError):  # it has ended; what could not be removed now, the job removes
            await services.objects_of(actor).delete(ended.upload_key)
    return ended


async def take_up_again(services: Services, actor: Actor, recording_id: RecordingId) -> Recording:
    """Open a recording again that ended because nothing came, for what comes now. Raises `ConflictError`."""
    now = services.ambient.now()

    def apply(recording: Recording) -> Recording:
        if not recording.awaits_sound:
            raise closed(recording)
        return reopened(recording).model_copy(update={"active_at": now})

    return await change(
        services, actor, recording_id, apply, events=lambda current: [progress(services, actor, current, "received", 0)]
    )


def reopened(recording: Recording) -> Recording:
    """The recording, waiting for sound again."""
    return recording.model_copy(update={"status": RecordingStatus.OPEN, "failure": None})


def closed(recording: Recording) -> ConflictError:
    """Why a recording takes nothing more."""
    if recording.status is RecordingStatus.DISCARDED:
        return ConflictError("The recording was discarded.", remedy="Start a new recording.")
    if recording.abandoned:
        return ConflictError(
            "Nothing came for a long time, so the recording was closed with the slices that were here.",
            remedy="Send what follows as a new recording.",
            extras={"slice_count": recording.slice_count},
        )
    return ConflictError("The recording is closed; no more slices are taken.")


def lacking(recording: Recording, kept: list[Slice]) -> Failure | None:
    """What an abandoned live recording lacks to be worked on; None when it can be."""
    if not kept:
        return NOTHING_RECORDED
    if kept[0].seq != 0:
        return START_MISSING
    if recording.consent is None or recording.consent.withdrawn_at is not None:
        return CONSENT_MISSING
    return None
