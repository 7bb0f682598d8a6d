"""A running clinic: `Clinic.open(settings)` builds everything, starts it, and closes it again.

Which maker plays which role is decided in `makers`, and nowhere else.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from auscult.clinic import makers
from auscult.clinic.makers import Engines
from auscult.clinic.safekeeping import refuse_half_restored
from auscult.domain.actor import Actor, system_actor
from auscult.domain.ambient import Ambient
from auscult.domain.errors import UnavailableError
from auscult.domain.ids import ClinicId, is_id
from auscult.flows import handlers
from auscult.flows.early import EarlyListener
from auscult.flows.health import Health, HealthWatch
from auscult.flows.provisioning import Downloads, PullState, RoleReport, WhisperReport
from auscult.flows.services import Limits, Services
from auscult.settings import Settings
from auscult.stores.events import Feed
from auscult.trust.sealing import Keyring
from auscult.world import real_ambient

if TYPE_CHECKING:
    from auscult.trust.openid import OpenIdProvider


class Clinic:
    """A running clinic: its services, its live feed, and what an operator asks about them."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        *,
        clinic_id: ClinicId,
        feed: Feed,
        keyring: Keyring,
        engines: Engines,
        early: EarlyListener,
        downloads: Downloads,
        stores: HealthWatch,
        opened: AsyncExitStack,
    ) -> None:
        """Use `Clinic.open`."""
        self.settings = settings
        self.services = services
        self.clinic_id = clinic_id
        self.feed = feed
        self.keyring = keyring
        self.engines = engines
        self.early = early
        self.downloads = downloads
        self._stores = stores
        self._opened = opened

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        ambient: Ambient | None = None,
        work: bool | None = None,
        engines: Engines | None = None,
        with_broker: bool = False,
    ) -> Clinic:
        """Build everything that `settings` ask for and start it. `work=False`: take requests, run no jobs.

        `engines` replaces the makers that the settings would bind. `with_broker`: run the embedded MQTT broker when the
        settings ask for one, as the one process of a machine that serves does.

        Raises `UnavailableError` and others of ours when a store cannot be opened; what was opened is closed again.
        """
        world = ambient or real_ambient()
        await asyncio.to_thread(_private_folder, settings.data)
        clinic_id = await asyncio.to_thread(_clinic_id, settings, world)
        await asyncio.to_thread(refuse_half_restored, settings.data)
        master = await makers.open_master_key(settings, world)
        working = settings.work if work is None else work
        async with AsyncExitStack() as opened:
            slot = await asyncio.to_thread(makers.worker_slot, settings) if working else None
            if slot is not None:
                opened.callback(slot.release)
            wrapped = await makers.open_keys(settings, world)
            opened.push_async_callback(wrapped.close)
            keyring = Keyring(master, wrapped, secret=world.secret, monotonic=time.monotonic)
            records = await makers.open_records(settings, keyring, world)
            opened.push_async_callback(records.close)
            objects = makers.object_store(settings, keyring, world)
            opened.push_async_callback(objects.close)
            checkpoints = makers.checkpoint_store(settings, world)
            opened.push_async_callback(checkpoints.close)
            jobs = makers.job_engine(settings, world, slot)
            opened.push_async_callback(jobs.close)
            chosen = engines or makers.embedded_engines(settings)
            services = Services(
                records=records,
                objects=objects,
                checkpoints=checkpoints,
                jobs=jobs,
                ambient=world,
                decoder=chosen.decoder,
                gate=chosen.gate,
                recogniser=chosen.speech.best,
                diariser=chosen.diariser,
                writer=chosen.writer,
                limits=_limits(settings),
                derive=keyring.derive,
            )
            if with_broker and settings.mqtt_embedded:
                broker, settings = await makers.embedded_broker(settings, clinic_id, world)
                opened.push_async_callback(broker.close)
            transports = makers.transports(settings, services, clinic_id)
            feed, relay = makers.feed_and_relay(services, clinic_id, transports)
            opened.push_async_callback(relay.close)
            handlers.register(services, clinic_id, keyring)
            await jobs.start(work=working)
            await relay.start()
            early = EarlyListener(services, listens=working)
            opened.push_async_callback(early.close)
            downloads = Downloads(services, lambda *pull: makers.whisper_pull(settings, *pull))
            opened.push_async_callback(downloads.close)
            stores = HealthWatch(services)
            opened.push_async_callback(stores.close)
            return cls(
                settings,
                services,
                clinic_id=clinic_id,
                feed=feed,
                keyring=keyring,
                engines=chosen,
                early=early,
                downloads=downloads,
                stores=stores,
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

    @cached_property
    def single_sign_on(self) -> OpenIdProvider | None:
        """The provider whose accounts people may sign in with, where one is configured."""
        return makers.single_sign_on(self.settings, self.services.ambient)

    @property
    def system(self) -> Actor:
        """The clinic itself, for what nobody in particular does."""
        return system_actor(self.clinic_id)

    async def health(self) -> Health:
        """Whether every store answers, as it was seconds ago at most: asking often costs nothing."""
        return await self._stores.health()

    def roles(self) -> list[RoleReport]:
        """What each role is bound to, what is missing, and the command that gets it."""
        recogniser = self.engines.speech.best().info
        writer = self.engines.writer.info
        bound = makers.names(self.settings)
        return [
            RoleReport(
                role="speech",
                bound=recogniser.name,
                model=recogniser.model,
                demo_quality=recogniser.demo_quality,
                missing=self.engines.speech.missing(),
            ),
            RoleReport(role="speakers", bound=bound["speakers"], missing=self.engines.diariser.missing()),
            RoleReport(
                role="writer",
                bound=writer.name,
                model=writer.version,
                missing=makers.writer_missing(self.settings),
            ),
            *(RoleReport(role=role, bound=bound[role]) for role in ("records", "objects", "jobs")),
        ]

    async def devices(self) -> RoleReport | None:
        """Whether the MQTT broker that devices listen to is reached and takes what is published, asked now.

        None when there is none.
        """
        transport = makers.mqtt_transport(self.settings, self.services, self.clinic_id)
        if transport is None:
            return None
        missing = None
        try:
            await transport.check()
        except UnavailableError as error:
            missing = f"{error.reason} {error.remedy}"
        return RoleReport(role="devices", bound="MQTT", model=self.settings.mqtt_url, missing=missing)

    def whisper(self) -> WhisperReport:
        """The Whisper sizes for this machine."""
        return makers.whisper_report(self.settings)

    def start_download(self, actor: Actor, size: str) -> PullState:
        """Start downloading a Whisper size. Raises `InvalidError` for one that does not exist."""
        makers.check_whisper_size(size)
        return self.downloads.start(actor, size)


def _limits(settings: Settings) -> Limits:
    return Limits(
        upload_bytes=settings.max_upload_bytes,
        slice_bytes=settings.max_slice_bytes,
        upload_url_seconds=settings.upload_url_seconds,
        writer_seconds=settings.writer_timeout,
        part_seconds=settings.part_seconds,
        delete_audio=settings.delete_audio,
        abandon_after_seconds=settings.abandon_after_seconds,
        session_seconds=settings.session_hours * 3600,
        session_idle_seconds=settings.session_idle_minutes * 60,
        care_team_assigned=settings.care_team == "assigned",
        break_glass_seconds=settings.break_glass_minutes * 60,
    )


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
