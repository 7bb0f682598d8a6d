"""The one place where a role is bound to a maker: stores by what the settings name, engines by what this machine has.

Makers are imported where they are bound, so that a command which needs none of them starts fast.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from auscult.domain.ambient import Ambient
from auscult.domain.errors import InvalidError
from auscult.domain.ids import ClinicId
from auscult.engines.speakers import Diariser
from auscult.engines.speech import Decoder, Gate, Recogniser
from auscult.engines.speech.choice import Choice
from auscult.engines.writer import Writer
from auscult.flows.device_topics import DeviceTopics
from auscult.flows.provisioning import WhisperReport, WhisperSizeReport
from auscult.flows.services import Services
from auscult.settings import Settings
from auscult.stores.audit import Checkpoints
from auscult.stores.events import Transport
from auscult.stores.events.feed import LiveFeed
from auscult.stores.events.relay import Relay
from auscult.stores.jobs import Jobs
from auscult.stores.jobs.slots import WorkerSlot
from auscult.stores.objects import Objects
from auscult.stores.records import Records
from auscult.stores.secrets import MasterKey, WrappedKeys
from auscult.trust.sealing import Keyring

if TYPE_CHECKING:
    from auscult.stores.events.embedded_mqtt import EmbeddedBroker
    from auscult.stores.events.mqtt import MqttTransport
    from auscult.stores.objects.s3 import Bucket
    from auscult.trust.openid import OpenIdProvider

MASTER_KEY: Final = "master.key"
"""The key file in the data folder."""


@dataclass(frozen=True, slots=True)
class Engines:
    """One maker for each engine role."""

    decoder: Decoder
    gate: Callable[[], Gate]
    speech: Choice
    diariser: Diariser
    writer: Writer


def names(settings: Settings) -> dict[str, str]:
    """What the makers are called, for the roles that have no model of their own to name."""
    return {
        "speakers": "resemblyzer",
        "records": "PostgreSQL" if settings.records_url else "SQLite",
        "objects": "S3" if settings.objects_url else "folder",
        "jobs": "DBOS",
    }


async def open_master_key(settings: Settings, ambient: Ambient, *, create: bool = True) -> MasterKey:
    """The key that wraps every clinic key: from KMS or a command where one is configured, else from the key file.

    The file lies in the data folder, and is made when it is missing unless `create` is False.
    """
    if settings.master_key_kms:
        from auscult.stores.secrets.kms import KmsMaster

        endpoint = settings.kms_endpoint or None
        return await KmsMaster.open(settings.master_key_kms, region=settings.kms_region, endpoint=endpoint)
    if settings.master_key_command:
        from auscult.stores.secrets.command import CommandMaster

        return await CommandMaster.open(shlex.split(settings.master_key_command), ambient.secret)
    from auscult.stores.secrets.key_file import KeyFileMaster

    path = settings.data / MASTER_KEY
    return await asyncio.to_thread(lambda: KeyFileMaster.open(path, ambient.secret, create=create))


def master_key_page(master: MasterKey, passphrase: str, *, clinic_id: str, ambient: Ambient) -> str:
    """The escrow copy of the master key as a page to print. Raises `InvalidError` where the key cannot be had."""
    from auscult.stores.secrets.escrow import escrow_text

    if not master.versions():
        raise InvalidError(
            "The key service never gives the master key away, so there is nothing to keep in escrow.",
            remedy="Protect the key in KMS itself: its deletion window, and a replica in another region.",
        )
    made = f"{ambient.now():%Y-%m-%d}"
    return escrow_text(master.versions(), passphrase, clinic=clinic_id, made=made, secret=ambient.secret)


def put_master_key_back(settings: Settings, page: str, passphrase: str) -> Path:
    """Write the key file anew from an escrow copy; where it lies. Raises `InvalidError`, `ConflictError`."""
    from auscult.stores.secrets.escrow import keys_of_escrow
    from auscult.stores.secrets.key_file import KeyFileMaster

    path = settings.data / MASTER_KEY
    KeyFileMaster.put_back(path, keys_of_escrow(page, passphrase))
    return path


async def open_keys(settings: Settings, ambient: Ambient) -> WrappedKeys:
    """The store of wrapped clinic and subject keys."""
    from auscult.stores.secrets.sql_keys import open_wrapped_keys

    return await open_wrapped_keys(settings.records_url or _sqlite(settings, "keys.db"), ambient.now)


async def open_records(settings: Settings, keyring: Keyring, ambient: Ambient) -> Records:
    """The store of records, brought to the newest schema."""
    from auscult.stores.records.sql import SqlRecords

    return await SqlRecords.open(settings.records_url or _sqlite(settings, "records.db"), keyring, ambient)


def single_sign_on(settings: Settings, ambient: Ambient) -> OpenIdProvider | None:
    """The provider whose accounts people may sign in with, where one is configured."""
    if not settings.oidc_issuer:
        return None
    from auscult.trust.openid import OpenIdProvider

    return OpenIdProvider(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_name, ambient.now
    )


def object_store(settings: Settings, keyring: Keyring, ambient: Ambient) -> Objects:
    """The store of sound and documents: the configured bucket, else a folder."""
    if settings.objects_url.startswith("s3://"):
        from auscult.stores.objects.s3 import open_s3

        return open_s3(bucket(settings), keyring=keyring, ambient=ambient)
    from auscult.stores.objects.folder import open_folder

    return open_folder(settings.data / "objects", keyring=keyring, ambient=ambient)


def checkpoint_store(settings: Settings, ambient: Ambient) -> Checkpoints:
    """Where checkpoints of the audit trail are kept: in the configured bucket, else in a folder in the data folder."""
    if settings.objects_url.startswith("s3://"):
        from auscult.stores.audit.blob_checkpoints import BlobCheckpoints
        from auscult.stores.objects.s3 import S3Blobs

        return BlobCheckpoints(S3Blobs(bucket(settings)))
    return checkpoint_folder(settings.data / "audit-checkpoints", ambient)


def checkpoint_folder(folder: Path, ambient: Ambient) -> Checkpoints:
    """Checkpoints in a folder of this machine: the clinic's own, or a copy of them."""
    from auscult.stores.audit.blob_checkpoints import folder_checkpoints

    return folder_checkpoints(folder, ambient)


def worker_slot(settings: Settings) -> WorkerSlot:
    """A name for this worker that no other living process on this machine has."""
    return WorkerSlot(settings.data / "workers")


def job_engine(settings: Settings, ambient: Ambient, slot: WorkerSlot | None) -> Jobs:
    """The job engine, in the records' database; without a slot this process runs none."""
    from auscult.stores.jobs.dbos_jobs import DbosJobs

    url = settings.records_url or f"sqlite:///{settings.data / 'jobs.db'}"
    name = settings.worker_id or (slot.executor_id if slot else "not-a-worker")
    return DbosJobs(url, executor_id=name, ambient=ambient, concurrency=settings.worker_concurrency)


def feed_and_relay(
    services: Services, clinic_id: ClinicId, transports: Mapping[str, Transport]
) -> tuple[LiveFeed, Relay]:
    """What live screens follow, and what hands committed events and jobs on."""
    feed = LiveFeed(services.records.outbox)

    async def own() -> Sequence[ClinicId]:
        return (clinic_id,)

    relay = Relay(
        services.records,
        services.jobs,
        feed=feed,
        transports=transports,
        clinics=own,
        only=clinic_id,
        ambient=services.ambient,
    )
    return feed, relay


def transports(settings: Settings, services: Services, clinic_id: ClinicId) -> Mapping[str, Transport]:
    """What carries events to devices. Raises `InvalidError` for an address that is not to be understood."""
    mqtt = mqtt_transport(settings, services, clinic_id)
    return {} if mqtt is None else {"mqtt": mqtt}


async def embedded_broker(settings: Settings, clinic_id: ClinicId, ambient: Ambient) -> tuple[EmbeddedBroker, Settings]:
    """Start the broker that `settings` ask for in this process; return it, and the settings with which to use it.

    Raises `InvalidError` when another broker is configured as well, `UnavailableError` when it cannot be started.
    """
    from auscult.stores.events.embedded_mqtt import HOST, SERVER, EmbeddedBroker, Passwords
    from auscult.stores.secrets.password_file import kept_password

    if settings.mqtt_url:
        raise InvalidError(
            "There is one MQTT broker: the embedded one, or that of AUSCULT_MQTT_URL.",
            remedy="Leave out --mqtt (AUSCULT_MQTT_EMBEDDED), or AUSCULT_MQTT_URL.",
        )
    device = await asyncio.to_thread(kept_password, mqtt_password_file(settings), ambient.secret)
    passwords = Passwords(server=ambient.secret(24).hex(), device=device)  # the server's lives as long as it does
    trees = ("patients/", "queue/") if settings.mqtt_bare_topics else (f"clinics/{clinic_id}/",)
    broker = await EmbeddedBroker.open(settings.mqtt_port, passwords, trees)
    access = {
        "mqtt_url": f"mqtt://{HOST}:{settings.mqtt_port}",
        "mqtt_username": SERVER,
        "mqtt_password": passwords.server,
    }
    return broker, settings.model_copy(update=access)


def mqtt_password_file(settings: Settings) -> Path:
    """Where the password is kept with which devices of this machine read from the embedded broker."""
    return settings.data / "mqtt-password"


def mqtt_transport(settings: Settings, services: Services, clinic_id: ClinicId) -> MqttTransport | None:
    """The transport to the configured MQTT broker, None without one. Raises `InvalidError` as `broker_at` does."""
    if not settings.mqtt_url:
        return None
    from auscult.stores.events.mqtt import MqttTransport, broker_at

    broker = broker_at(
        settings.mqtt_url,
        ca=settings.mqtt_ca,
        cert=settings.mqtt_cert,
        key=settings.mqtt_key,
        username=settings.mqtt_username,
        password=settings.mqtt_password,
        bare=settings.mqtt_bare_topics,
    )
    topics = DeviceTopics(services, names=settings.mqtt_names)
    return MqttTransport(broker, clinic_id, topics, services.ambient.new_id)


def embedded_engines(settings: Settings) -> Engines:
    """The engines of this machine. Nothing leaves it unless `settings.writer` names a model that is elsewhere.

    Raises `InvalidError` for a writer or prompt that is not to be understood.
    """
    from auscult.engines.speakers.resemblyzer import ResemblyzerDiariser
    from auscult.engines.speech.pyav import PyavDecoder
    from auscult.engines.speech.silero import SileroGate

    return Engines(
        decoder=PyavDecoder(),
        gate=SileroGate,
        speech=_speech(settings),
        diariser=ResemblyzerDiariser(),
        writer=bound_writer(settings),
    )


def bound_writer(settings: Settings) -> Writer:
    """The writer that `settings.writer` names. Raises `InvalidError` for one that is not to be understood."""
    from auscult.engines.writer.offline import OfflineWriter

    if settings.writer.strip() == "offline":
        return OfflineWriter()
    from auscult.engines.writer import model

    owner = settings.owner_name if "owner_name" in settings.model_fields_set else ""
    return model.chain(
        model.parse_writers(settings.writer),
        OfflineWriter(),
        manner=model.Manner(
            prompts=model.parse_split(settings.writer_prompt),
            redaction=settings.redact,
            names=(owner,) if owner else (),
            request_seconds=settings.writer_request_timeout,
        ),
        budget=model.Budget(tokens=settings.writer_budget_tokens, usd=settings.writer_budget_usd),
        seconds=settings.writer_timeout,
    )


def writer_missing(settings: Settings) -> str | None:
    """What a configured language model lacks on this machine, and how to get it; None when nothing is missing."""
    if settings.writer.strip() == "offline":
        return None
    from auscult.engines.writer import model

    lacking = model.missing_for(model.parse_writers(settings.writer))
    return f"{lacking.reason} {lacking.remedy}" if lacking else None


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


def train_notes_model(data: Path, to: Path) -> None:
    """Train from the visits in `data` which sentences belong into a note, and write the model into `to`."""
    from auscult.engines.writer.offline.training import train_relevance

    train_relevance(data, to)


def train_punctuation_model(data: Path, to: Path) -> None:
    """Train from the conversations in `data` where sentences end, and write the model into `to`."""
    from auscult.engines.writer.offline.punctuation_training import train_punctuation

    train_punctuation(data, to)


def train_sections_model(data: Path, to: Path) -> None:
    """Train from the dialogues in `data` which section a piece of conversation belongs to; the model goes into `to`."""
    from auscult.engines.writer.offline.headers_training import train_headers

    train_headers(data, to)


def section_of(dialogue: str) -> str:
    """The header of MTS-Dialog that the shipped model gives a dialogue with speaker lines."""
    from auscult.engines.writer.offline import headers

    return headers.header(headers.read_dialogue(dialogue))


def marks_behind(words: Sequence[str]) -> list[str]:
    """The mark that the shipped model puts behind each of these words of `words_and_marks`; empty for none."""
    from auscult.engines.writer.offline import punctuation

    return [punctuation.MARKS[mark] for mark in punctuation.marks(words, punctuation.shipped())]


def words_and_marks(text: str) -> tuple[list[str], list[str]]:
    """The words of a text as the shipped model was shown them, and the mark behind each; empty for none."""
    from auscult.engines.writer.offline import punctuation, punctuation_training

    words, marks = punctuation_training.read(text)
    return words, [punctuation.MARKS[mark] for mark in marks]


def bucket(settings: Settings) -> Bucket:
    """The bucket that the settings name."""
    from auscult.stores.objects.s3 import Bucket

    return Bucket(
        name=settings.objects_url.removeprefix("s3://").strip("/"),
        region=settings.s3_region,
        endpoint=settings.s3_endpoint or None,
        access_key_id=settings.s3_access_key or None,
        secret_access_key=settings.s3_secret_key or None,
    )


def _sqlite(settings: Settings, name: str) -> str:
    return f"sqlite+aiosqlite:///{settings.data / name}"
