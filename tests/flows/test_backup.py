"""A backup is taken while the clinic works, and what is restored from it is the clinic as of one moment."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auscult.clinic import restoring, safekeeping
from auscult.domain.actor import Actor, Role
from auscult.domain.errors import (
    AuscultError,
    ConflictError,
    ErasedError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from auscult.domain.ids import PatientId, RecordingId, SubjectId, UserId
from auscult.flows import patients
from auscult.flows.erase import erase_patient
from auscult.flows.tables import STEPS, StepResult
from auscult.settings import Settings
from auscult.stores.records import Put
from tests.flows.conftest import Quiet
from tests.support.canary import PHRASE, Canary
from tests.support.clinics import OpenClinic
from tests.support.postgres import PostgresServer

Fresh = Callable[[str], Settings]
ON_EACH_IN_FULL = pytest.mark.parametrize(
    "records_backend", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)]
)


def nothing(_what: str, _fraction: float) -> None:
    """Nobody watches the progress."""


def doctor(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")


@dataclass(frozen=True)
class Kept:
    """A patient with a document of theirs and an object, made in that order of dependence: object, then document."""

    patient_id: PatientId
    key: str
    at: datetime


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def keep(here: OpenClinic, number: int, *, name: str = "", size: int = 3000) -> Kept:
    """Register a patient, put a sound of theirs, and write a document that names it."""
    services, actor = here.clinic.services, doctor(here)
    patient = await patients.register(services, actor, name=name or f"Patient {number}")
    recording = RecordingId(services.ambient.new_id("REC"))
    key = f"slices/{recording}/00000001"
    await services.objects_of(actor).put(
        key, pieces(f"{name}{number}".encode() * size), content_type="audio/webm", subject=SubjectId(patient.id),
        max_bytes=1 << 24,
    )  # fmt: skip
    step = StepResult(recording_id=recording, patient_id=patient.id, revision=1, name="sound", data={"key": key})
    await services.records_of(actor).transact([Put(STEPS, step)])
    return Kept(patient.id, key, datetime.now(UTC))


@pytest.fixture
async def fresh(
    records_backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[[str], Settings]]:
    """Settings of another machine of the same kind: an empty folder but for the master key, an empty database."""
    made: list[str] = []
    server: PostgresServer | None = request.getfixturevalue("postgres") if records_backend == "postgres" else None
    if server is not None:
        made = [await server.create_database() for _ in range(2)]
    waiting = list(made)

    def settings(name: str) -> Settings:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(tmp_path / "clinic" / "master.key", folder)
        return Settings(data=folder, records_url=server.url(waiting.pop()) if server else "")

    yield settings
    for name in made:
        assert server is not None
        await server.drop_database(name)


async def restored(settings: Settings, source: Path) -> restoring.Restored:
    done = await restoring.restore(settings, source, tell=nothing)
    assert done is not None
    return done


async def test_what_is_restored_is_the_clinic_as_of_one_moment_though_many_wrote(
    quiet: Quiet, fresh: Fresh, tmp_path: Path
) -> None:
    written: list[Kept] = []
    async with quiet() as here:
        written.append(await keep(here, 0))
        enough, stop = asyncio.Event(), asyncio.Event()

        async def write(lane: int) -> None:
            number = 0
            while not stop.is_set():
                number += 1
                written.append(await keep(here, lane * 1000 + number))
                if len(written) > 20:
                    enough.set()

        lanes = [asyncio.create_task(write(lane)) for lane in range(4)]
        await enough.wait()
        made = await safekeeping.back_up(here.clinic.settings, tmp_path / "backups", tell=nothing)
        enough.clear()
        await enough.wait()
        stop.set()
        await asyncio.gather(*lanes)
        actor = doctor(here)
    other = fresh("other")
    done = await restored(other, tmp_path / "backups")
    assert done.looked.broken == 0
    assert dict(done.looked.counts) == made.counts
    assert done.looked.counts["patient"] >= 21
    async with quiet(data=other.data, records_url=other.records_url) as here:
        services = here.clinic.services
        before = [one for one in written if one.at < made.at]
        assert len(before) >= 20
        for one in before:
            assert (await patients.read(services, actor, one.patient_id)).id == one.patient_id
        page = await patients.recent(services, actor, 1000, None)
        assert len(page.items) == made.counts["patient"]
        records = services.records_of(actor)
        for one in written:
            recording = one.key.split("/")[1]
            for step in (await records.table(STEPS).query(recording)).items:
                pieces_of = [part async for part in services.objects_of(actor).read(step.value.data["key"])]
                assert pieces_of, "a document names an object that is not there"


@ON_EACH_IN_FULL
async def test_a_second_backup_copies_only_the_sound_that_is_new(quiet: Quiet, fresh: Fresh, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        await keep(here, 1, size=100_000)
        first = await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        await keep(here, 2, size=1000)
        second = await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        assert (first.objects, second.objects) == (1, 2)
        assert first.copied_bytes > 100_000
        assert 1000 <= second.copied_bytes < 3000
        third = await safekeeping.back_up(here.clinic.settings, folder, keep=1, tell=nothing)
        assert [path.name for path in folder.glob("BKP_*")] == [third.id]
        assert len([path for path in (folder / "objects").rglob("*") if path.is_file()]) == 2
        note = json.loads((here.clinic.settings.data / "last-backup.json").read_text())
        assert note == {"at": third.at.isoformat(), "id": third.id, "destination": str(folder)}
    assert (await restored(fresh("other"), folder)).objects == 2


async def test_a_drill_says_what_would_be_lost_and_leaves_nothing_behind(quiet: Quiet, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    async with quiet() as here:
        await keep(here, 1)
        made = await safekeeping.back_up(here.clinic.settings, tmp_path / "backups", tell=nothing)
        done = await restoring.drill(here.clinic.settings, tmp_path / "backups", scratch=scratch, tell=nothing)
        assert done.restored.manifest.id == made.id
        assert done.restored.looked.opened == sum(made.counts.values()) > 0
        assert done.restored.objects_opened == 1
        assert done.restored.audited > 0
        assert 0 < done.rto.total_seconds() < 60
        assert done.rpo.total_seconds() > 0
        assert list(scratch.iterdir()) == []
        assert (await patients.recent(here.clinic.services, doctor(here), 10, None)).items, "the clinic is untouched"


async def test_whoever_was_erased_stays_erased_when_an_older_backup_is_restored(
    quiet: Quiet, fresh: Fresh, tmp_path: Path
) -> None:
    folder, canary = tmp_path / "backups", Canary(PHRASE)
    async with quiet() as here:
        actor = doctor(here)
        stays = await keep(here, 1)
        gone = await keep(here, 2, name=PHRASE)
        await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        await erased(here, gone.patient_id)
    # The machine is lost with its ledger: the one beside the backups remembers.
    other = fresh("other")
    done = await restored(other, folder)
    assert done.erased == 1
    assert done.objects == 1
    async with quiet(data=other.data, records_url=other.records_url) as here:
        with pytest.raises(ErasedError):
            await patients.read(here.clinic.services, actor, gone.patient_id)
        assert (await patients.read(here.clinic.services, actor, stays.patient_id)).id == stays.patient_id
        assert await here.clinic.services.objects_of(actor).head(gone.key) is None
    assert canary.in_folder(tmp_path) == []


async def erased(here: OpenClinic, patient_id: PatientId) -> None:
    clinic = here.clinic

    async def remember(some: tuple[safekeeping.Erasure, ...]) -> None:
        await safekeeping.remember_erasures(clinic.settings, clinic.keyring, clinic.clinic_id, some)

    await erase_patient(clinic.services, clinic.keyring, clinic.system, patient_id, remember=remember)


@ON_EACH_IN_FULL
async def test_the_next_backup_takes_an_erased_patients_key_out_of_all_the_others(
    quiet: Quiet, fresh: Fresh, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        gone = await keep(here, 1)
        first = await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        await erased(here, gone.patient_id)
        await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        (folder / "erasures.jsonl").unlink()  # somebody who wants to read it leaves the ledger out
    done = await restored(fresh("other"), folder / first.id)
    assert done.erased == 1


@ON_EACH_IN_FULL
async def test_an_altered_ledger_of_erasures_stops_a_restore(quiet: Quiet, fresh: Fresh, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        gone = await keep(here, 1)
        await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        await erased(here, gone.patient_id)
    ledger = folder / "erasures.jsonl"
    text = ledger.read_text()
    ledger.write_text(text.replace(gone.patient_id, "PAT_01JN0000AV0000000000000099"))
    other = fresh("other")
    with pytest.raises(UnavailableError, match="ledger"):
        await restored(other, folder)
    assert sorted(path.name for path in other.data.iterdir()) == ["master.key"]


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_no_changed_bit_of_a_backup_is_restored(quiet: Quiet, fresh: Fresh, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        await keep(here, 1)
        made = await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
    other = fresh("other")
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name != "keys"]
    files = [path for path in files if path.name != ".lock"]
    assert len(files) == 6, "manifest, records, jobs, files, list of objects, the object"
    for path in files:
        whole = path.read_bytes()
        places = (0, len(whole) // 2, len(whole) - 2)
        for damaged in (*(flipped(whole, at) for at in places), whole[:-2], b""):
            path.write_bytes(damaged)
            with pytest.raises(AuscultError) as caught:
                await restored(other, folder / made.id)
            assert caught.value.remedy
            assert sorted(one.name for one in other.data.iterdir()) == ["master.key"], path
        path.write_bytes(whole)
    one, two = sorted((folder / "keys").glob("*.sealed"))
    whole = one.read_bytes()
    one.write_bytes(flipped(whole, 500))
    two.write_bytes(flipped(whole, 500))
    with pytest.raises(UnavailableError):
        await restored(other, folder)
    (folder / "keys" / f"{made.id}.1.json").write_text("{}")
    two.unlink()
    with pytest.raises(UnavailableError):
        await restored(other, folder)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_one_good_copy_of_the_wrapped_keys_is_enough(quiet: Quiet, fresh: Fresh, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        await keep(here, 1)
        await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
    first = min((folder / "keys").glob("*.sealed"))
    first.write_bytes(flipped(first.read_bytes(), 500))
    assert (await restored(fresh("other"), folder)).looked.broken == 0


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_a_restore_that_cannot_be_right_is_refused_and_harms_nothing(
    quiet: Quiet, fresh: Fresh, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        await keep(here, 1)
        made = await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        settings = here.clinic.settings
        with pytest.raises(ConflictError, match="clinic in the data folder already"):
            await restored(settings, folder)
        for inside in (settings.data / "backups", settings.data.parent):
            with pytest.raises(InvalidError):
                await safekeeping.back_up(settings, inside, tell=nothing)
    async with quiet(work=True) as here:
        with pytest.raises(ConflictError, match="running"):
            await restoring.restore(here.clinic.settings, folder, replace=True, tell=nothing)
    with pytest.raises(NotFoundError):
        await restored(fresh("nowhere"), tmp_path / "nowhere")
    foreign = fresh("foreign").model_copy(update={"clinic_id": "CLN_01JN0000AV0000000000000009"})
    with pytest.raises(ConflictError, match="of clinic"):
        await restored(foreign, folder)
    keyless = fresh("keyless")
    (keyless.data / "master.key").unlink()
    with pytest.raises(UnavailableError, match="no master key"):
        await restored(keyless, folder)
    (keyless.data / "master.key").write_text(os.urandom(32).hex())
    (keyless.data / "master.key").chmod(0o600)
    with pytest.raises(ErasedError, match="does not open with the master key"):
        await restored(keyless, folder)
    manifest = folder / made.id / "manifest.json"
    whole = manifest.read_text()
    newer = fresh("newer")
    for change in ({"format": 99}, {"schema_revision": "9999"}, {"id": "BKP_other"}, {"counts": {}}):
        manifest.write_text(json.dumps({**json.loads(whole), **change}))
        with pytest.raises(UnavailableError) as caught:
            await restored(newer, folder)
        assert ("newer version" in caught.value.reason) == bool({"format", "schema_revision"} & change.keys())
    for place in (newer, foreign, keyless):
        assert sorted(path.name for path in place.data.iterdir()) == ["master.key"]


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_replacing_moves_what_was_there_aside(quiet: Quiet, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    async with quiet() as here:
        kept = await keep(here, 1)
        await safekeeping.back_up(here.clinic.settings, folder, tell=nothing)
        later = await keep(here, 2)
        actor, settings = doctor(here), here.clinic.settings
    done = await restoring.restore(settings, folder, replace=True, tell=nothing)
    assert done is not None
    assert done.aside is not None
    assert (done.aside / "records.db").exists()
    async with quiet() as here:
        assert (await patients.read(here.clinic.services, actor, kept.patient_id)).id == kept.patient_id
        with pytest.raises(NotFoundError):
            await patients.read(here.clinic.services, actor, later.patient_id)
