"""Scheduled upkeep of a clinic: what nobody told us of, what never came, what is past its time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import structlog

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError
from auscult.domain.recording import Recording, RecordingStatus
from auscult.flows import access, devices, record, retention, sign_in_attempts, single_sign_on, slices, waiting
from auscult.flows.recording_state import change
from auscult.flows.services import Services
from auscult.flows.tables import LATE_UPLOAD, LIVE, RECORDINGS, UPLOAD

_log = structlog.get_logger(__name__)

LEFTOVER_AGE: Final = timedelta(days=1)
"""Bytes that no object names and that are older than this belong to a process that died."""
UPLOAD_MARGIN: Final = timedelta(hours=1)
"""An upload that began before its URL expired may still arrive for so long; after it, it is looked for more rarely."""
LATE_UPLOAD_AGE: Final = timedelta(days=1)
"""How long an upload that was given up is looked for. Its result, when asked for, is looked for at any time."""


async def clean_objects(services: Services) -> None:
    """Remove what processes that died left in the object store. Harmless to repeat."""
    await services.objects.sweep(LEFTOVER_AGE)


async def sweep(services: Services, actor: Actor) -> None:
    """Do what is due each minute. Harmless to repeat, and to run in several processes.

    What it reads is bounded: uploads until they come or are given up, and live recordings that fell silent.
    """
    now = services.ambient.now()
    given_up = now - timedelta(seconds=services.limits.upload_url_seconds) - UPLOAD_MARGIN
    async for recording in _waiting(services, actor, UPLOAD):
        await _look_for_upload(services, actor, recording, given_up)
    silent = now - timedelta(seconds=services.limits.abandon_after_seconds)
    async for recording in _waiting(services, actor, LIVE, before=silent):
        await _look_for_slices(services, actor, recording, silent)
    await retention.sweep(services, actor)


async def sweep_hourly(services: Services, actor: Actor) -> None:
    """Do what need not be done each minute. Harmless to repeat, and to run in several processes."""
    now = services.ambient.now()
    async for recording in _waiting(services, actor, LATE_UPLOAD, after=now - LATE_UPLOAD_AGE):
        await _look_for_upload(services, actor, recording, None)
    await access.forget_expired(services, actor.clinic_id)
    await sign_in_attempts.forget(services, actor.clinic_id)
    await devices.forget_used(services, actor.clinic_id)
    await single_sign_on.forget_begun(services, actor.clinic_id)


async def _waiting(
    services: Services, actor: Actor, kind: str, *, after: datetime | None = None, before: datetime | None = None
) -> AsyncIterator[Recording]:
    """Recordings that wait for sound, the longest waiting first, by when something last came."""
    table = services.records_of(actor).table(RECORDINGS)
    cursor: str | None = None
    while True:
        page = await table.query(
            kind,
            index="waiting",
            after=after.isoformat() if after else None,
            before=before.isoformat() if before else None,
            cursor=cursor,
        )
        for stored in page.items:
            yield stored.value
        if page.next is None:
            return
        cursor = page.next


async def _look_for_upload(services: Services, actor: Actor, recording: Recording, given_up: datetime | None) -> None:
    """Start the work on an upload that is there; give up one that was opened before `given_up` and is not."""
    try:
        found = await record.adopt_upload(services, actor, recording)
        if found.status is RecordingStatus.OPEN and given_up is not None and recording.created_at < given_up:
            await waiting.end(services, actor, recording.id, waiting.UPLOAD_EXPIRED)
    except AuscultError as error:  # one upload that cannot be taken must not keep the others waiting
        _log.warning("upload_not_adopted", recording_id=recording.id, code=error.code)


async def _look_for_slices(services: Services, actor: Actor, recording: Recording, silent: datetime) -> None:
    """Close a live recording of which nothing came since `silent`; else note when something did."""
    try:
        kept = await slices.kept_slices(services, actor, recording.id)
        times = [recording.active_at, *(one.kept_at for one in kept)]
        newest = max((time for time in times if time is not None), default=recording.created_at)
        if newest > silent:
            await change(
                services, actor, recording.id, lambda current: current.model_copy(update={"active_at": newest})
            )
        else:
            await slices.close_abandoned(services, actor, recording, kept)
    except AuscultError as error:  # nor must one recording keep the others
        _log.warning("abandoned_recording_not_closed", recording_id=recording.id, code=error.code)
