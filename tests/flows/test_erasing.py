"""A patient is erased: nothing readable of them is left anywhere, and nobody else is touched."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import structlog

from auscult.clinic import restoring, safekeeping
from auscult.domain.errors import ConflictError, ErasedError, NotFoundError
from auscult.domain.ids import PatientId, SubjectId
from auscult.domain.model import Value
from auscult.flows import erase, file, patients, queue
from auscult.flows.tables import PATIENTS, STEPS
from auscult.stores.records import Key, Put, TableSpec
from tests.flows.conftest import Quiet
from tests.flows.test_backup import doctor, erased, keep, nothing
from tests.support.canary import PHRASE, Canary
from tests.support.clinics import OpenClinic
from tests.support.postgres import PostgresServer


class Found(Value):
    """A row by which a patient is found: of a table that the flow of erasing has never heard of."""

    patient_id: str
    word: str


FINDING: TableSpec[Found] = TableSpec(
    name="found_by",
    model=Found,
    key=lambda row: Key(row.patient_id, row.word),
    subject=lambda row: SubjectId(row.patient_id),
    indexes={"word": lambda row: Key(row.word, row.patient_id)},
)


async def rows(here: OpenClinic, subject: str) -> int:
    """How many documents of that subject there are besides the stub."""
    return await here.clinic.services.records.of(here.clinic.clinic_id).erase(SubjectId(subject), keep=erase.STUBS)


async def test_nothing_readable_is_left_of_an_erased_patient(
    quiet: Quiet, records_backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    canary, logs = Canary(PHRASE), io.StringIO()
    with structlog.testing.capture_logs() as captured:
        async with quiet() as here:
            services, actor = here.clinic.services, doctor(here)
            stays = await keep(here, 1)
            gone = await keep(here, 2, name=PHRASE)
            await queue.join(services, actor, gone.patient_id, reason=PHRASE)
            row = Found(patient_id=gone.patient_id, word="word-hash-canary-0001")
            await services.records_of(actor).transact([Put(FINDING, row)])
            await safekeeping.back_up(here.clinic.settings, tmp_path / "backups", tell=nothing)
            await erased(here, gone.patient_id)

            for asked in (patients.read(services, actor, gone.patient_id), keep_more(here, gone.patient_id)):
                with pytest.raises(ErasedError):
                    await asked
            assert (await here.client.get(f"/patients/{gone.patient_id}")).status_code == 410
            assert [key async for key in services.objects_of(actor).keys("")] == [stays.key]
            assert await rows(here, gone.patient_id) == 0
            assert await services.records_of(actor).table(FINDING).get(Key(row.patient_id, row.word)) is None
            assert (await services.records_of(actor).table(FINDING).query(row.word, index="word")).items == ()
            assert (await patients.read(services, actor, stays.patient_id)).id == stays.patient_id
            await services.records.outbox.publish_next(1000)
            told = await services.records.outbox.events_after(actor.clinic_id, 0)
            assert [one.ids for one in told if one.name == "patient_erased"] == [{"patient_id": gone.patient_id}]
            await erased(here, gone.patient_id)  # a second time there is nothing to do, and nothing to complain of
            await safekeeping.back_up(here.clinic.settings, tmp_path / "backups", tell=nothing)
            drilled = await restoring.drill(here.clinic.settings, tmp_path / "backups", tell=nothing)
            assert drilled.restored.erased == 1
            assert drilled.restored.looked.broken == 0
    logs.write(str(captured))
    assert canary.in_folder(tmp_path) + canary.in_text("logs", logs.getvalue()) == []
    if records_backend == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        database = here.clinic.settings.records_url.rpartition("/")[2]
        assert await canary.in_postgres(server.url(database, server.superuser)) == []
    else:
        assert b"word-hash-canary-0001" not in (tmp_path / "clinic" / "records.db").read_bytes()


async def keep_more(here: OpenClinic, patient_id: PatientId) -> None:
    """Write something for a patient."""
    row = Found(patient_id=patient_id, word="late")
    await here.clinic.services.records_of(doctor(here)).transact([Put(FINDING, row)])


async def test_erasing_reaches_everybody_who_was_merged_into_the_patient(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, doctor(here)
        first, second, stays = [
            (await patients.register(services, actor, name=name)).id for name in ("Mere Parata", "Mary P", "Mere P")
        ]
        await keep_more(here, first)  # of the old entry, and not moved with it
        await file.merge_patients(services, actor, first, second)
        await file.merge_patients(services, actor, second, stays)
        with pytest.raises(ConflictError) as caught:
            await erased(here, first)
        assert stays in caught.value.remedy
        await erased(here, stays)
        gone = await here.clinic.keyring.erasures(actor.clinic_id)
        assert {one.name for one in gone} == {first, second, stays}
        for patient_id in (first, second, stays):
            assert await rows(here, patient_id) == 0
            with pytest.raises(ErasedError):
                await services.records_of(actor).table(PATIENTS).get(Key(patient_id))


@pytest.mark.parametrize("records_backend", ["sqlite"])
@pytest.mark.parametrize(
    "wrong", ["", "PAT_1", "clinic", "unfiled", "requests", "PAT_01JN0000AV0000000000000099", "x" * 9999]
)
async def test_nobody_is_erased_by_a_wrong_id(quiet: Quiet, wrong: str) -> None:
    async with quiet() as here:
        kept = await keep(here, 1)
        with pytest.raises(NotFoundError):
            await erased(here, PatientId(wrong))
        assert await here.clinic.keyring.erasures(here.clinic.clinic_id) == ()
        assert (await patients.read(here.clinic.services, doctor(here), kept.patient_id)).id == kept.patient_id


@pytest.mark.parametrize("records_backend", ["sqlite"])
async def test_what_a_slow_process_wrote_meanwhile_is_removed_by_upkeep(quiet: Quiet) -> None:
    async with quiet() as here:
        services, clinic = here.clinic.services, here.clinic
        kept = await keep(here, 1)
        await services.records_of(doctor(here)).table(STEPS).query("warm")  # this process holds the key in its memory

        async def only_the_key(_some: object) -> None:
            await clinic.keyring._wrapped.destroy(clinic.clinic_id, kept.patient_id)

        await only_the_key(None)
        await keep_more(here, kept.patient_id)
        await erase.finish_recent(services, clinic.keyring, clinic.system)
        assert await rows(here, kept.patient_id) == 0
