"""The queue on each database: everybody is seen once, in order, whoever presses what at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import ConflictError, ErasedError, NotFoundError
from auscult.domain.ids import ClinicId, PatientId, QueueEntryId, UserId
from auscult.domain.queue import QueueEntry, QueueStatus, Urgency
from auscult.flows import file, patients, queue
from auscult.flows.services import Services
from tests.flows.conftest import Quiet, erase
from tests.support.clinics import OpenClinic


def clinician(here: OpenClinic, number: int = 1, role: Role = Role.DOCTOR) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId(f"USR_{number}"), role=role, name=f"Dr {number}")


async def registered(here: OpenClinic, count: int = 1) -> list[PatientId]:
    nurse = clinician(here, 99, Role.NURSE)
    return [(await patients.register(here.clinic.services, nurse, name=f"Ana {n}")).id for n in range(count)]


async def waiting(here: OpenClinic, count: int) -> list[QueueEntry]:
    nurse = clinician(here, 99, Role.NURSE)
    ids = await registered(here, count)
    return [(await queue.join(here.clinic.services, nurse, one)).entry for one in ids]


async def test_fifty_presses_of_next_at_once_take_fifty_patients(quiet: Quiet) -> None:
    async with quiet() as here:
        entries = await waiting(here, 55)
        taken = await asyncio.gather(
            *(queue.start(here.clinic.services, clinician(here, number)) for number in range(50))
        )
        assert Counter(one.id for one in taken).most_common(1)[0][1] == 1
        assert {one.id for one in taken} == {one.id for one in entries[:50]}
        assert {one.status for one in taken} == {QueueStatus.CONSULTING}


async def test_the_last_patient_is_taken_by_one_of_fifty_and_the_others_hear_that_nobody_waits(quiet: Quiet) -> None:
    async with quiet() as here:
        [entry] = await waiting(here, 1)
        answers = await asyncio.gather(
            *(queue.start(here.clinic.services, clinician(here, number)) for number in range(50)),
            return_exceptions=True,
        )
        assert [one.id for one in answers if isinstance(one, QueueEntry)] == [entry.id]
        assert sum(isinstance(one, NotFoundError) for one in answers) == 49


async def test_one_clinician_who_presses_ten_times_sees_one_patient(quiet: Quiet) -> None:
    async with quiet() as here:
        await waiting(here, 3)
        doctor = clinician(here)
        answers = await asyncio.gather(
            *(queue.start(here.clinic.services, doctor) for _ in range(10)), return_exceptions=True
        )
        assert sum(isinstance(one, QueueEntry) for one in answers) == 1
        assert sum(isinstance(one, ConflictError) for one in answers) == 9
        beside = await queue.start(here.clinic.services, doctor, another=True)
        assert beside.status is QueueStatus.CONSULTING


async def test_ten_who_queue_one_patient_at_once_make_one_entry_and_numbers_have_no_gap(quiet: Quiet) -> None:
    async with quiet() as here:
        services, nurse = here.clinic.services, clinician(here, 99, Role.NURSE)
        [one] = await registered(here)
        answers = await asyncio.gather(*(queue.join(services, nurse, one) for _ in range(10)), return_exceptions=True)
        [joined] = [answer for answer in answers if isinstance(answer, queue.Waiting)]
        refused = [answer for answer in answers if isinstance(answer, ConflictError)]
        assert len(refused) == 9
        assert {answer.extras["entry_id"] for answer in refused} == {joined.entry.id}
        more = await asyncio.gather(*(queue.join(services, nurse, other) for other in await registered(here, 9)))
        assert sorted(answer.entry.number for answer in (joined, *more)) == list(range(1, 11))


async def test_the_urgent_come_first_and_then_who_waits_longest(quiet: Quiet) -> None:
    async with quiet() as here:
        services, nurse = here.clinic.services, clinician(here, 99, Role.NURSE)
        ids = await registered(here, 4)
        classes = (Urgency.ROUTINE, Urgency.URGENT, Urgency.ROUTINE, Urgency.EMERGENCY)
        for one, urgency in zip(ids, classes, strict=True):
            await queue.join(services, nurse, one, urgency=urgency)
        shown = await queue.overview(services, nurse)
        assert [one.entry.patient_id for one in shown] == [ids[3], ids[1], ids[0], ids[2]]
        assert [one.before for one in shown] == [0, 1, 2, 3]
        waits = [one.wait for one in shown if one.wait is not None]
        assert waits == sorted(waits)
        assert (await queue.call(services, clinician(here))).patient_id == ids[3]


async def test_called_is_started_and_completed_and_the_patient_may_come_again(quiet: Quiet) -> None:
    async with quiet() as here:
        services, doctor = here.clinic.services, clinician(here)
        first, second = await waiting(here, 2)
        called = await queue.call(services, doctor)
        assert (called.id, called.status, called.called_by) == (first.id, QueueStatus.CALLED, doctor.user_id)
        started = await queue.start(services, doctor)
        assert (started.id, started.status) == (first.id, QueueStatus.CONSULTING)
        with pytest.raises(ConflictError, match="seeing a patient"):
            await queue.start(services, doctor)
        done = await queue.complete(services, doctor, first.id)
        assert done.ended_at is not None
        with pytest.raises(ConflictError):
            await queue.complete(services, doctor, first.id)
        assert (await queue.start(services, doctor)).id == second.id
        again = await queue.join(services, doctor, first.patient_id)
        assert again.entry.number == 3


async def test_who_did_not_come_is_queued_again_where_they_were_or_at_the_end(quiet: Quiet) -> None:
    async with quiet() as here:
        services, doctor = here.clinic.services, clinician(here)
        first, second = await waiting(here, 2)
        await queue.call(services, doctor, first.id)
        gone = await queue.no_show(services, doctor, first.id)
        assert gone.status is QueueStatus.NO_SHOW
        back = await queue.queue_again(services, doctor, first.id)
        assert (back.status, back.called_by) == (QueueStatus.WAITING, None)
        assert [one.entry.id for one in await queue.overview(services, doctor)] == [first.id, second.id]
        await queue.cancel(services, doctor, first.id)
        await queue.queue_again(services, doctor, first.id, keeps_place=False)
        assert [one.entry.id for one in await queue.overview(services, doctor)] == [second.id, first.id]
        with pytest.raises(ConflictError):
            await queue.no_show(services, doctor, first.id)


async def test_whom_a_nurse_calls_in_is_seen_by_the_doctor_who_is_free_first(quiet: Quiet) -> None:
    """The doctor's own call comes first, then the nurse's, then who waits; another doctor's patient is left alone."""
    async with quiet() as here:
        services, nurse = here.clinic.services, clinician(here, 99, Role.NURSE)
        other, doctor = clinician(here, 2), clinician(here)
        entries = await waiting(here, 4)
        await queue.call(services, other, entries[0].id)
        called = await queue.call(services, nurse, entries[2].id)
        assert called.called_for_anyone
        await queue.call(services, doctor, entries[3].id)
        seen = [(await queue.start(services, doctor, another=True)).id for _ in range(3)]
        assert seen == [entries[3].id, entries[2].id, entries[1].id]
        with pytest.raises(NotFoundError):
            await queue.start(services, doctor, another=True)
        assert (await queue.start(services, other)).id == entries[0].id


async def test_another_clinic_sees_and_changes_nothing(quiet: Quiet) -> None:
    async with quiet() as here:
        services: Services = here.clinic.services
        [entry] = await waiting(here, 1)
        stranger = Actor(
            clinic_id=ClinicId(services.ambient.new_id("CLN")), user_id=UserId("USR_1"), role=Role.DOCTOR, name="x"
        )
        assert await queue.overview(services, stranger) == []
        for refused in (
            queue.read(services, stranger, entry.id),
            queue.start(services, stranger, entry.id),
            queue.cancel(services, stranger, entry.id),
            queue.join(services, stranger, entry.patient_id),
            queue.start(services, stranger),
        ):
            with pytest.raises(NotFoundError):
                await refused
        with pytest.raises(NotFoundError):
            await queue.read(services, clinician(here), QueueEntryId("QUE_00000000000000000000000000"))


async def test_the_entries_of_a_merged_patient_are_the_other_ones_and_go_with_that_key(quiet: Quiet) -> None:
    async with quiet() as here:
        services, doctor = here.clinic.services, clinician(here)
        [entry] = await waiting(here, 1)
        [other] = await registered(here)
        await file.merge_patients(services, doctor, entry.patient_id, other)
        assert (await queue.read(services, doctor, entry.id)).entry.patient_id == other
        with pytest.raises(ConflictError, match="in the queue already"):
            await queue.join(services, doctor, other)
        await queue.start(services, doctor)
        await queue.complete(services, doctor, entry.id)
        assert (await queue.join(services, doctor, other)).entry.number == 2
        await erase(here, other)
    async with quiet() as here:
        with pytest.raises(ErasedError):
            await queue.read(here.clinic.services, clinician(here), entry.id)


async def test_of_two_entries_of_one_person_each_ends_and_the_place_is_free_only_after_its_own(quiet: Quiet) -> None:
    async with quiet() as here:
        services, doctor = here.clinic.services, clinician(here)
        first, second = await waiting(here, 2)
        await file.merge_patients(services, doctor, first.patient_id, second.patient_id)
        await queue.cancel(services, doctor, first.id)
        with pytest.raises(ConflictError):
            await queue.join(services, doctor, second.patient_id)
        await queue.cancel(services, doctor, second.id)
        assert (await queue.join(services, doctor, second.patient_id)).entry.number == 3
