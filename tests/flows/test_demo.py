"""The invented clinic: it looks like one at work, and goes without a trace and without anything else."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from auscult import cli
from auscult.clinic import Clinic
from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError, NotFoundError
from auscult.domain.ids import PatientId, RecordingId, UserId
from auscult.domain.note import Note, NoteBody, NoteStatus, WriterInfo
from auscult.domain.queue import QueueStatus
from auscult.domain.recording import Recording, RecordingStatus
from auscult.engines.writer.offline import OfflineWriter
from auscult.flows import demo, file, notes, patient_search, patients, queue, transcripts
from auscult.flows.demo_clear import Cleared, clear
from auscult.flows.recording_state import all_rows, load
from auscult.flows.services import Services
from auscult.flows.tables import ALL, NOTES, PATIENTS, RECORDINGS
from auscult.knowledge.demo import clinic as invented
from auscult.settings import Settings
from auscult.stores.records import Put
from auscult.stores.secrets import Erasure
from tests.flows.conftest import Quiet
from tests.support.clinics import OpenClinic, open_clinic


class CutShort(BaseException):
    """The machine goes off."""


class Watch:
    """Hears of the progress, and goes off at one step."""

    def __init__(self, off_at: int = 10_000) -> None:
        self.fractions: list[float] = []
        self._off_at = off_at

    def __call__(self, _what: str, fraction: float) -> None:
        self.fractions.append(fraction)
        if len(self.fractions) == self._off_at:
            raise CutShort


def written_offline(here: OpenClinic) -> Services:
    return replace(here.clinic.services, writer=OfflineWriter())


def clinician(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.DOCTOR, name="Dr Rangi")


async def filled(here: OpenClinic, watch: Watch | None = None, *, beside: bool = True) -> demo.Filled:
    return await demo.fill(
        written_offline(here), here.clinic.system, owner_name="Dr Rangi", beside=beside, tell=watch or Watch()
    )


async def cleared(here: OpenClinic, watch: Watch | None = None) -> Cleared:
    async def remember(_some: tuple[Erasure, ...]) -> None:
        """No backup of this clinic is kept."""

    return await clear(
        here.clinic.services, here.clinic.keyring, here.clinic.system, remember=remember, tell=watch or Watch()
    )


async def documents(here: OpenClinic) -> dict[str, int]:
    """How many documents there are in each table."""
    return dict((await here.clinic.services.records.of(here.clinic.clinic_id).look_over(1)).counts)


async def own_note(here: OpenClinic, patient_id: PatientId) -> Note:
    """The note of a recording that the clinician made, of this patient."""
    services, actor = here.clinic.services, clinician(here)
    now, new_id = services.ambient.now(), services.ambient.new_id
    recording = Recording(
        id=RecordingId(new_id("REC")),
        upload_key=f"uploads/{new_id('UPL')}.webm",
        content_type="audio/webm",
        patient_id=patient_id,
        status=RecordingStatus.READY,
        created_by=actor.user_id,
        created_at=now,
    )
    note = Note(
        id=new_id("NOTE"),
        version=1,
        recording_id=recording.id,
        patient_id=patient_id,
        body=NoteBody(writer=WriterInfo(name="by hand", version="1"), notes="Our own words."),
        transcript_version=0,
        created_at=now,
        updated_at=now,
    )
    await services.records_of(actor).transact([Put(RECORDINGS, recording), Put(NOTES, note)])
    return note


async def by_name(here: OpenClinic) -> dict[str, PatientId]:
    """The patients of the clinic by name."""
    found = await all_rows(here.clinic.services.records_of(here.clinic.system), PATIENTS, ALL, "recent")
    return {one.name: one.id for one in found}


async def test_a_demo_shows_a_clinic_at_work_and_goes_without_anything_else(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, clinician(here)
        real = await patients.register(services, actor, name="Hana Black")
        mine = (await queue.join(services, actor, real.id, reason="Ear")).entry
        note = await own_note(here, real.id)
        before = await documents(here)
        with pytest.raises(ConflictError, match="Patients are registered"):
            await filled(here, beside=False)
        assert await documents(here) == before

        for step in (5, 16, 24):  # among the patients, the notes, the queue
            with pytest.raises(CutShort):
                await filled(here, Watch(step))
        watch = Watch()
        whole = await filled(here, watch)
        assert (whole.patients, whole.notes, whole.signed, whole.queue, whole.before) == (12, 7, 2, 10, False)
        assert watch.fractions == sorted(watch.fractions)
        assert watch.fractions[-1] == 1.0
        after = await documents(here)
        again = await filled(here)
        assert (again.before, again.queue, await documents(here)) == (True, 10, after)

        there = await by_name(here)
        heard = {}
        for one in there.values():
            for written in (await notes.of_patient(services, actor, one, 10, None)).items:
                if written.value.id != note.id:
                    said = await transcripts.transcript_of(services, actor, written.value.recording_id)
                    turns = {turn.id for turn in said.turns}
                    assert all(set(one.turn_ids) & turns for one in written.value.body.statements)
                    assert len(written.value.body.statements) >= 8
                    heard[said.turns[0].language] = written.value
        assert set(heard) == {"en", "hi", "hi-Latn"}
        found = await patient_search.search(services, actor, "Ram", 10)
        assert "राम प्रसाद नमूना" in [one.value.name for one in found]
        waiting = await queue.overview(services, actor)
        assert [one.entry.status.value for one in waiting] == ["consulting", "called"] + ["waiting"] * 5
        assert all(one.wait is not None for one in waiting if one.entry.status is QueueStatus.WAITING)
        assert any(one.wait for one in waiting)

        # A clinician works with it: a sentence in their words, a place in the queue, a consultation, a recording.
        draft = heard["hi"]
        assert draft.status is NoteStatus.DRAFT
        await notes.edit(services, actor, draft.id, draft.body.statements[0].id, "Three days of fever.", etag=None)
        await queue.join(services, actor, there["Mere Tūroa"], reason="Again")
        await queue.start(services, actor, waiting[2].entry.id, another=True)
        theirs = await own_note(here, there["Sina Faleafa"])

        with pytest.raises(CutShort):
            await cleared(here, Watch(18))  # five of the twelve are erased
        gone = await cleared(here)
        assert (gone.unfiled, gone.merged) in {((theirs.recording_id,), ()), ((), ())}
        own_desk_and_recording = {"queue_desk": 1, "recording": before["recording"] + 1, "note": before["note"] + 1}
        assert await documents(here) == {**before, **own_desk_and_recording}
        assert await by_name(here) == {"Hana Black": real.id}
        assert (await notes.read(services, actor, note.id)).value == note
        assert (await load(services, actor, theirs.recording_id)).value.patient_id is None
        assert [one.entry for one in await queue.overview(services, actor)] == [mine]
        assert (await queue.start(services, actor)).id == mine.id  # nobody keeps them from seeing the next
        assert (
            await queue.join(services, actor, (await patients.register(services, actor, name="B")).id)
        ).entry.number > 11
        assert await cleared(here) == Cleared(0, (), ())


async def test_what_was_merged_with_a_real_patient_stays_with_them(tmp_path: Path) -> None:
    async with open_clinic(tmp_path / "clinic", work=False) as here:
        services, actor = here.clinic.services, clinician(here)
        empty = await documents(here)
        with pytest.raises(CutShort):
            await filled(here, Watch(14), beside=False)  # the patients, and one note
        there = await by_name(here)
        [note] = (await notes.of_patient(services, actor, there["Harold Pipfield"], 10, None)).items
        real = [(await patients.register(services, actor, name=f"Hana {n}", allergies=["Latex"])).id for n in range(2)]
        await file.merge_patients(services, actor, real[0], there["Mere Tūroa"])
        await file.merge_patients(services, actor, there["Harold Pipfield"], real[1])
        await file.merge_patients(services, actor, there["Sina Faleafa"], there["Oliver Quillby"])
        gone = await cleared(here)
        assert set(gone.merged) == {there["Mere Tūroa"], real[1]}
        assert (await patients.read(services, actor, real[0])).allergies == ("Peanut", "Latex")
        assert (await patients.read(services, actor, real[1])).name == "Hana 1"
        with pytest.raises(NotFoundError):
            await notes.read(services, actor, note.value.id)
        assert await documents(here) == {**empty, "patient": 3, "patient_terms": 2}


def test_an_operator_fills_a_clinic_and_empties_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    monkeypatch.setenv("AUSCULT_DATA", str(data))
    monkeypatch.setenv("AUSCULT_WRITER", "openai:none@http://127.0.0.1:9/v1")  # is not asked
    monkeypatch.setattr(cli, "configure", lambda _level: None)

    def typed(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["auscult", "demo", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((said.out + said.err).split())

    async def look(register: str = "") -> dict[str, int]:
        async with await Clinic.open(Settings(data=data), work=False) as opened:
            if register:
                await patients.register(opened.services, opened.system, name=register)
            return dict((await opened.services.records.of(opened.clinic_id).look_over(1)).counts)

    assert "There is no demo here" in typed("--clear")[1]
    code, said = typed()
    assert (code, "12 invented patients, 10 places in the queue, 7 notes (2 signed, 5 drafts)" in said) == (0, True)
    assert "is there already" in typed()[1]
    assert typed("--clear", "--beside")[0] == 1
    code, said = typed("--clear")
    assert (code, "The demo is gone: 12 invented patients" in said) == (0, True), said
    assert asyncio.run(look("Hana Black")) == {"user": 1, "patient": 1, "patient_terms": 1}
    code, said = typed()
    assert (code, "--beside" in said) == (1, True)


def test_every_place_in_the_queue_and_every_visit_is_of_somebody_in_the_demo() -> None:
    here = invented()
    slugs = [one.slug for one in here.patient]
    assert len(set(slugs)) == len(slugs) == 12
    assert {one.patient for one in here.visit} | {one.patient for one in here.queue} <= set(slugs)
    joined = [one.joined for one in here.queue]
    assert joined == sorted(joined, reverse=True)
    for one in here.queue:
        assert one.joined > one.started >= one.ended
