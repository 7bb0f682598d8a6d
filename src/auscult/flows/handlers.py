"""Which flow runs each kind of job, and what runs at set times."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from auscult.domain.actor import system_actor
from auscult.domain.errors import NotFoundError
from auscult.domain.ids import ClinicId
from auscult.domain.job import Job
from auscult.flows import discard, erase, file, retention, scribe, upkeep, work
from auscult.flows.services import Services
from auscult.stores.jobs import Handler, Schedule
from auscult.trust.sealing import Keyring

UPKEEP_CRON: Final = "* * * * *"
"""Every minute: an upload that nobody told us of waits no longer than that."""

HOURLY_CRON: Final = "41 * * * *"
"""Hourly, at a minute that few others choose."""

CLEAN_CRON: Final = "23 3 * * *"
"""Daily, at a quiet hour that few others choose."""


def register(services: Services, clinic_id: ClinicId, keyring: Keyring) -> None:
    """Tell the job engine how to run every job, and what to do for `clinic_id` at set times; before it starts."""

    def handler(run: Callable[[Services, Job], Awaitable[None]]) -> Handler:
        async def handle(job: Job, _attempt: int) -> None:
            await run(services, job)

        return handle

    async def gave_up(job: Job, error: BaseException) -> None:
        await scribe.scribe_gave_up(services, job, error)

    async def leave(_job: Job, _error: BaseException) -> None:
        """The next filing, or the next tidying up, brings it about; there is nothing to show on the recording."""

    jobs = services.jobs
    jobs.register(work.SCRIBE, handler(scribe.scribe), gave_up=gave_up)
    jobs.register(work.HEAR_PART, handler(scribe.hear_part), gave_up=gave_up)
    jobs.register(work.WRITE_UP, handler(scribe.write_up), gave_up=gave_up)
    jobs.register(work.REFILE, handler(_refile), gave_up=leave)
    jobs.register(work.TIDY, handler(_tidy), gave_up=leave)

    async def sweep() -> None:
        await upkeep.sweep(services, system_actor(clinic_id))

    async def sweep_hourly() -> None:
        await upkeep.sweep_hourly(services, system_actor(clinic_id))
        await erase.finish_recent(services, keyring, system_actor(clinic_id))

    async def clean_objects() -> None:
        await upkeep.clean_objects(services)

    jobs.schedule(Schedule(name="upkeep", cron=UPKEEP_CRON, run=sweep))
    jobs.schedule(Schedule(name="upkeep_hourly", cron=HOURLY_CRON, run=sweep_hourly))
    jobs.schedule(Schedule(name="clean_objects", cron=CLEAN_CRON, run=clean_objects))


async def _refile(services: Services, job: Job) -> None:
    await file.refile_belongings(services, system_actor(job.clinic_id), work.recording_of(job))


async def _tidy(services: Services, job: Job) -> None:
    actor, recording_id = system_actor(job.clinic_id), work.recording_of(job)
    with suppress(NotFoundError):  # the patient was erased meanwhile: nothing of the recording is left to tidy
        if not await discard.sweep_if_discarded(services, actor, recording_id):
            await retention.tidy(services, actor, recording_id)
