"""Scheduled upkeep of a clinic: uploads nobody told us of, audio past its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError
from auscult.domain.recording import RecordingStatus
from auscult.flows import record, retention
from auscult.flows.recording_state import all_rows
from auscult.flows.services import Services
from auscult.flows.tables import RECORDINGS

_log = structlog.get_logger(__name__)

LEFTOVER_AGE: Final = timedelta(days=1)
"""Bytes that no object names and that are older than this belong to a process that died."""


async def clean_objects(services: Services) -> None:
    """Remove what processes that died left in the object store. Harmless to repeat."""
    await services.objects.sweep(LEFTOVER_AGE)


async def sweep(services: Services, actor: Actor) -> None:
    """Do all upkeep once. Harmless to repeat, and to run in several processes."""
    records = services.records_of(actor)
    for recording in await all_rows(records, RECORDINGS, RecordingStatus.OPEN.value, "status"):
        try:
            await record.adopt_upload(services, actor, recording)
        except AuscultError as error:  # one upload that cannot be taken must not keep the others waiting
            _log.warning("upload_not_adopted", recording_id=recording.id, code=error.code)
    await retention.sweep(services, actor)
