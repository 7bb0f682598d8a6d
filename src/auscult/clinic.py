"""The one place where a role is bound to a maker: `Clinic.open(settings)` builds everything, and closes it again."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from auscult.domain.actor import Actor, system_actor
from auscult.domain.ambient import Ambient
from auscult.domain.errors import AuscultError
from auscult.domain.ids import ClinicId, is_id
from auscult.domain.job import Job
from auscult.engines.speakers import Diariser
from auscult.engines.speech import Decoder, Gate, Recogniser
from auscult.engines.speech.choice import Choice
from auscult.engines.writer import Writer
from auscult.flows import discard, file, retention, scribe, upkeep, work
from auscult.flows.provisioning import Downloads, PullState, RoleReport, WhisperReport, WhisperSizeReport
from auscult.flows.services import Limits, Services
from auscult.settings import Settings
from auscult.stores.events import Feed
from auscult.stores.events.feed import LiveFeed
from auscult.stores.events.relay import Relay
from auscult.stores.jobs import Handler, Jobs, Schedule
from auscult.stores.jobs.slots import WorkerSlot
from auscult.stores.objects import Objects
from auscult.stores.records import Records
from auscult.stores.secrets import MasterKey, WrappedKeys
from auscult.trust.sealing import Keyring
from auscult.world import real_ambient

UPKEEP_CRON: Final = "* * * * *"
"""Every minute: an upload that nobody told us of waits no longer than that."""

CLEAN_CRON: Final = "23 3 * * *"
"""Daily, at a quiet hour that few others choose."""


@dataclass(frozen=True, slots=True)
class Engines:
    """One maker for each engine role."""

    decoder: Decoder
    gate: Callable[[], Gate]
    speech: Choice
    diariser: Diariser
    writer: Writer


class Clinic:
    """A running clinic: its services, its live feed, and what an operator asks about them."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        *,
        clinic_id: ClinicId,
        feed: Feed,
        speech: Choice,
        downloads: Downloads,
        opened: AsyncExitStack,
    ) -> None:
        """Use `Clinic.open`."""
        self.settings = settings
        self.services = services
        self.clinic_id = clinic_id
        self.feed = feed
        self.speech = speech
        self.downloads = downloads
        self._opened = opened

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        ambient: Ambient | None = None,
        work: bool | None = None,
        engines: Engines | None = None,
    ) -> Clinic:
        """Build everything that `settings` ask for and start it. `work=False`: take requests, run no jobs.

        `engines` replaces the makers that the settings would bind.

        Raises `UnavailableError` and others of ours when a store cannot be opened; what was opened is closed again.
        """
        world = ambient or real_ambient()
        await asyncio.to_thread(_private_folder, settings.data)
        clinic_id = await asyncio.to_thread(_clinic_id, settings, world)
        master = await _master_key(settings, world)
        working = settings.work if work is None else work
        async with AsyncExitStack() as opened:
            slot = await asyncio.to_thread(WorkerSlot, settings.data / "workers") if working else None
            if slot is not None:
                opened.callback(slot.release)
            wrapped = await _wrapped_keys(settings, world)
            opened.push_async_callback(wrapped.close)
            keyring = Keyring(master, wrapped, secret=world.secret, monotonic=time.monotonic)
            records = await _records(settings, keyring, world)
            opened.push_async_callback(records.close)
            objects = _objects(settings, keyring, world)
            opened.push_async_callback(objects.close)
            jobs = _jobs(settings, world, slot)
            opened.push_async_callback(jobs.close)
            chosen = engines or embedded_engines(settings)
            services = Services(
                records=records,
                objects=objects,
                jobs=jobs,
                ambient=world,
                decoder=chosen.decoder,
                gate=chosen.gate,
                recogniser=chosen.speech.best,
                diariser=chosen.diariser,
                writer=chosen.writer,
                limits=_limits(settings),
            )
            feed = LiveFeed(records.outbox)
            relay = Relay(records, jobs, feed=feed)
            opened.push_async_callback(relay.close)
            _register(jobs, services, clinic_id)
            await jobs.start(work=working)
            await relay.start()
            downloads = Downloads(services, lambda *pull: whisper_pull(settings, *pull))
            opened.push_async_callback(downloads.close)
            return cls(
                settings,
                services,
                clinic_id=clinic_id,
                feed=feed,
                speech=chosen.speech,
                downloads=downloads,
                opened=opened.pop_all(),
            )

    async def close(self) -> None:
        """Stop taking work, let what runs come to a safe point, and release everything."""
        await self._opened.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def system(self) -> Actor:
        """The clinic itself, for what nobody in particular does."""
        return system_actor(self.clinic_id)

    async def health(self) -> dict[str, str]:
        """`ok` or `unavailable` by store and for the writer, without details."""
        services = self.services
        checks = {}
        for name, probe in (
            ("records", services.records.ready),
            ("objects", services.objects.ready),
            ("jobs", services.jobs.ready),
        ):
            try:
                await probe()
                checks[name] = "ok"
            except AuscultError:
                checks[name] = "unavailable"
        checks["writer"] = "ok"
        return checks

    def roles(self) -> list[RoleReport]:
        """What each role is bound to, what is missing, and the command that gets it."""
        recogniser = self.speech.best().info
        diariser, writer = self.services.diariser, self.services.writer.info
        bound = {
            "records": "PostgreSQL" if self.settings.records_url else "SQLite",
            "objects": "S3" if self.settings.objects_url else "folder",
            "jobs": "DBOS",
        }
        return [
            RoleReport(
                role="speech",
                bound=recogniser.name,
                model=recogniser.model,
                demo_quality=recogniser.demo_quality,
                missing=self.speech.missing(),
            ),
            RoleReport(role="speakers", bound="resemblyzer", missing=diariser.missing()),
            RoleReport(role="writer", bound=writer.name, model=writer.version),
            *(RoleReport(role=role, bound=maker) for role, maker in bound.items()),
        ]

    def whisper(self) -> WhisperReport:
        """The Whisper sizes for this machine."""
        return whisper_report(self.settings)

    def start_download(self, actor: Actor, size: str) -> PullState:
        """Start downloading a Whisper size. Raises `InvalidError` for one that does not exist."""
        check_whisper_size(size)
        return self.downloads.start(actor, size)


def _limits(settings: Settings) -> Limits:
    return Limits(
        upload_bytes=settings.max_upload_bytes,
        slice_bytes=settings.max_slice_bytes,
        upload_url_seconds=settings.upload_url_seconds,
        writer_seconds=settings.writer_timeout,
        part_seconds=settings.part_seconds,
        delete_audio=settings.delete_audio,
    )


def _register(jobs: Jobs, services: Services, clinic_id: ClinicId) -> None:
    async def gave_up(job: Job, error: BaseException) -> None:
        await scribe.scribe_gave_up(services, job, error)

    async def refile(job: Job, _attempt: int) -> None:
        await file.refile_belongings(services, system_actor(job.clinic_id), work.recording_of(job))

    async def leave(_job: Job, _error: BaseException) -> None:
        """The next filing, or the next tidying up, brings it about; there is nothing to show on the recording."""

    def handler(run: Callable[[Services, Job], Awaitable[None]]) -> Handler:
        async def handle(job: Job, _attempt: int) -> None:
            await run(services, job)

        return handle

    jobs.register(work.SCRIBE, handler(scribe.scribe), gave_up=gave_up)
    jobs.register(work.HEAR_PART, handler(scribe.hear_part), gave_up=gave_up)
    jobs.register(work.WRITE_UP, handler(scribe.write_up), gave_up=gave_up)

    async def tidy(job: Job, _attempt: int) -> None:
        actor, recording_id = system_actor(job.clinic_id), work.recording_of(job)
        if not await discard.sweep_if_discarded(services, actor, recording_id):
            await retention.tidy(services, actor, recording_id)

    jobs.register(work.REFILE, refile, gave_up=leave)
    jobs.register(work.TIDY, tidy, gave_up=leave)

    async def sweep() -> None:
        await upkeep.sweep(services, system_actor(clinic_id))

    async def clean_objects() -> None:
        await upkeep.clean_objects(services)

    jobs.schedule(Schedule(name="upkeep", cron=UPKEEP_CRON, run=sweep))
    jobs.schedule(Schedule(name="clean_objects", cron=CLEAN_CRON, run=clean_objects))


def _private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _clinic_id(settings: Settings, ambient: Ambient) -> ClinicId:
    """The clinic's id: configured, or made at first start and kept in the data folder."""
    if settings.clinic_id:
        if not is_id(settings.clinic_id, "CLN"):
            raise ValueError("AUSCULT_CLINIC_ID must look like CLN_ followed by a ULID")
        return ClinicId(settings.clinic_id)
    path = settings.data / "clinic.json"
    try:
        with path.open("x", encoding="utf-8") as fresh:
            json.dump({"clinic_id": ambient.new_id("CLN")}, fresh)
    except FileExistsError:
        pass
    return ClinicId(json.loads(path.read_text("utf-8"))["clinic_id"])


async def _master_key(settings: Settings, ambient: Ambient) -> MasterKey:
    if settings.master_key_command:
        from auscult.stores.secrets.command import CommandMaster

        return await CommandMaster.open(shlex.split(settings.master_key_command), ambient.secret)
    from auscult.stores.secrets.key_file import KeyFileMaster

    return await asyncio.to_thread(KeyFileMaster.open, settings.data / "master.key", ambient.secret)


async def _wrapped_keys(settings: Settings, ambient: Ambient) -> WrappedKeys:
    from auscult.stores.secrets.sql_keys import open_wrapped_keys

    return await open_wrapped_keys(settings.records_url or _sqlite(settings, "keys.db"), ambient.now)


async def _records(settings: Settings, keyring: Keyring, ambient: Ambient) -> Records:
    from auscult.stores.records.sql import SqlRecords

    return await SqlRecords.open(settings.records_url or _sqlite(settings, "records.db"), keyring, ambient)


def _objects(settings: Settings, keyring: Keyring, ambient: Ambient) -> Objects:
    if settings.objects_url.startswith("s3://"):
        from auscult.stores.objects.s3 import Bucket, open_s3

        bucket = Bucket(
            name=settings.objects_url.removeprefix("s3://").strip("/"),
            region=settings.s3_region,
            endpoint=settings.s3_endpoint or None,
            access_key_id=settings.s3_access_key or None,
            secret_access_key=settings.s3_secret_key or None,
        )
        return open_s3(bucket, keyring=keyring, ambient=ambient)
    from auscult.stores.objects.folder import open_folder

    return open_folder(settings.data / "objects", keyring=keyring, ambient=ambient)


def _jobs(settings: Settings, ambient: Ambient, slot: WorkerSlot | None) -> Jobs:
    from auscult.stores.jobs.dbos_jobs import DbosJobs

    url = settings.records_url or f"sqlite:///{settings.data / 'jobs.db'}"
    name = settings.worker_id or (slot.executor_id if slot else "not-a-worker")
    return DbosJobs(url, executor_id=name, ambient=ambient, concurrency=settings.worker_concurrency)


def embedded_engines(settings: Settings) -> Engines:
    """The engines of this machine: nothing leaves it."""
    from auscult.engines.speakers.resemblyzer import ResemblyzerDiariser
    from auscult.engines.speech.pyav import PyavDecoder
    from auscult.engines.speech.silero import SileroGate
    from auscult.engines.writer.offline import OfflineWriter

    return Engines(
        decoder=PyavDecoder(),
        gate=SileroGate,
        speech=_speech(settings),
        diariser=ResemblyzerDiariser(),
        writer=OfflineWriter(),
    )


def _speech(settings: Settings) -> Choice:
    from auscult.engines.speech import whisper_models
    from auscult.engines.speech.sphinx import SphinxRecogniser
    from auscult.engines.speech.whisper import WhisperRecogniser

    sphinx = SphinxRecogniser()

    @cache
    def whisper(size: str) -> Recogniser:
        return WhisperRecogniser(
            size, settings.models_folder, device=settings.whisper_device, compute_type=settings.whisper_compute
        )

    @cache
    def suggested() -> str:
        return whisper_models.suggest(whisper_models.hardware()).name

    def candidates() -> Sequence[Recogniser]:
        if settings.speech == "sphinx":
            return (sphinx,)
        size = settings.whisper_model
        if size == "auto":
            here = whisper_models.provisioned(settings.models_folder)
            size = here[-1] if here else suggested()
        return (whisper(size),) if settings.speech == "whisper" else (whisper(size), sphinx)

    return Choice(candidates)


def whisper_report(settings: Settings) -> WhisperReport:
    """The Whisper sizes, which of them are here, and which suit this machine."""
    from auscult.engines.speech import whisper_models

    machine = whisper_models.hardware()
    here = whisper_models.provisioned(settings.models_folder)
    graphics = "a CUDA device" if machine.cuda else "no CUDA device"
    return WhisperReport(
        hardware=f"{machine.cores} cores, {machine.memory_mb / 1000:.0f} GB of memory, {graphics}",
        suggested=whisper_models.suggest(machine).name,
        sizes=tuple(
            WhisperSizeReport(
                size=size.name,
                download_mb=size.download_mb,
                provisioned=size.name in here,
                fits=machine.memory_mb >= 2 * size.memory_mb,
            )
            for size in whisper_models.SIZES.values()
        ),
    )


def whisper_pull(
    settings: Settings, size: str, progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> None:
    """Download a Whisper size into the models folder; `progress` gets a fraction.

    Raises `InvalidError`, `CancelledError`, `StorageFullError`, `UnavailableError`.
    """
    from auscult.engines.speech import whisper_models

    whisper_models.pull(
        size,
        settings.models_folder,
        progress=lambda done, total: progress(done / total if total else 0.0),
        cancelled=cancelled,
    )


def check_whisper_size(size: str) -> None:
    """Raise `InvalidError` unless there is such a Whisper size."""
    from auscult.engines.speech import whisper_models

    whisper_models.size_named(size)


def train_sphinx_model(data: Path, to: Path) -> dict[str, int]:
    """Train the embedded recogniser's language model from the dialogues in `data`; return counts of what went in."""
    from auscult.engines.speech.sphinx_training import train

    return train(data, to)


def _sqlite(settings: Settings, name: str) -> str:
    return f"sqlite+aiosqlite:///{settings.data / name}"
